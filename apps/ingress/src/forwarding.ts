import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import type { Journal } from '@baton/journal'
import type { Logger } from '@baton/runtime'
import { shared, sharedNumbers, type ForwardOrder, type ForwardReport, type ForwardTask } from './forward-task.ts'

export interface Forwarding {
  /** To be called after each append. */
  appended: () => void
  /** How many events were forwarded by this process. */
  readonly forwarded: number
  /** Finishes the batch in flight. */
  close: () => Promise<void>
}

/** ms after which a thread that died is started again. */
const restartDelay = 1_000
/** ms in which the batch in flight must be through. */
const closePatience = 3_000

/** Always the built one, also where this file itself is run from source. */
const threadFile = fileURLToPath(new URL('./forward-main.js', import.meta.resolve('@baton/ingress')))

/** Runs the thread that forwards, starts it again should it die, and lets the journal know what is settled. */
export function startForwarding (journal: Journal, { log, ...given }: Omit<ForwardTask, 'numbers'> & { log: Logger }): Forwarding {
  const task: ForwardTask = { ...given, numbers: sharedNumbers() }
  const numbers = shared(task.numbers)
  numbers.flushed.set(journal.flushed)
  numbers.settledTo.set(journal.settledTo)
  let forwarded = 0
  let closing = false
  let position = 0
  let thread = start()

  async function settle (to: number): Promise<void> {
    try {
      await journal.settle(to)
      numbers.settledTo.set(journal.settledTo)
      await journal.trim(Math.max(position, journal.settledTo))
    } catch (err) {
      log.error({ err }, 'the journal could not note what is settled; it is tried again')
    }
  }

  async function renew (ahead: number): Promise<void> {
    log.error({ journal: journal.id, redis: ahead, flushed: journal.flushed, alert: 'JOURNAL_ROLLED_BACK' }, 'Redis knows of events that this journal has not: its volume was rolled back. It goes on under a new id')
    await journal.renew()
    await thread.terminate() // 'exit' starts the next one
  }

  function start (): Worker {
    const worker = new Worker(threadFile, { workerData: task })
    worker.on('message', (report: ForwardReport) => {
      switch (report.type) {
        case 'forwarded':
          forwarded += report.events
          position = report.to
          return
        case 'settled': return void settle(report.to)
        case 'ahead': return void renew(report.position).catch((err: unknown) => { log.error({ err }, 'the journal could not be renewed') })
      }
    })
    worker.on('error', err => { log.error({ err, alert: 'FORWARDER_DIED' }, 'the forwarder died; it is started again') })
    worker.on('exit', () => {
      if (!closing) setTimeout(() => { if (!closing) thread = start() }, restartDelay)
    })
    return worker
  }

  const order = (given: ForwardOrder) => { thread.postMessage(given) }
  return {
    appended: () => {
      numbers.flushed.set(journal.flushed)
      if (numbers.takeSleep()) order('wake')
    },
    get forwarded () { return forwarded },
    close: async () => {
      closing = true
      const exited = once(thread, 'exit')
      order('close')
      const timer = setTimeout(() => { void thread.terminate() }, closePatience)
      await exited
      clearTimeout(timer)
    }
  }
}
