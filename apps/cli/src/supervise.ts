import { BatonError, onStopSignals, stopSignals } from '@baton/runtime'
import closeWithGrace from 'close-with-grace'
import { keepRunning } from './keep-running.ts'

/** Something that runs beside us: a process, or what stands for one. */
export interface Running {
  /** Resolves when it is gone, whether it was stopped or not, with how it ended. */
  exited: Promise<string>
  /** Lets it finish; resolves when it is gone. */
  stop: () => Promise<void>
  /** Makes it end without waiting for it. */
  kill: () => void
}

export interface Part {
  /** For people, as in `${name} ended`. */
  name: string
  /** Resolves when it does its work. What it has begun when `stopping` is aborted, it ends itself. */
  start: (stopping: AbortSignal) => Promise<Running>
  /** restart: start it again, in its place; end: nothing goes on without it. */
  whenItDies: 'restart' | 'end'
}

/** ms for all parts together; each has a shorter deadline of its own. */
const stopDeadline = 90_000

/**
 * Starts parts, the ones of a phase together, and runs them until SIGINT, SIGTERM or until one is gone that must not be; then stops all,
 * one by one, the last first, and ends this process: code 0 after a signal, 1 after a failure, whose message comes last.
 * Resolves once all are ready, or will not be.
 */
export async function supervise (phases: Part[][], onReady: () => void): Promise<void> {
  const held = new Map<Part, Running>()
  const stopping = new AbortController()
  const lastFirst = () => phases.flat().reverse().flatMap(part => held.get(part) ?? [])
  const killAll = () => { for (const running of lastFirst()) running.kill() }
  let fault: BatonError | undefined

  const grace = closeWithGrace({ delay: stopDeadline, logger: false, skip: [...stopSignals], onSecondError: killAll, onTimeout: killAll }, async ({ err }) => {
    fault ??= err && BatonError.from(err)
    stopping.abort()
    await started
    for (const running of lastFirst()) await running.stop()
    if (fault) {
      process.stderr.write(`${fault.toText()}\n`)
      throw fault // which makes the exit code 1
    }
  })

  onStopSignals(() => { grace.close() }, killAll)

  const fail = (thrown: unknown) => {
    if (stopping.signal.aborted) return
    fault = BatonError.from(thrown)
    stopping.abort()
    grace.close()
  }

  const start = async (part: Part): Promise<void> => {
    try {
      const running = await (part.whenItDies === 'restart' ? keepRunning(part, stopping.signal) : part.start(stopping.signal))
      held.set(part, running)
      void running.exited.then(how => fail(new BatonError('PROCESS_DIED', `The ${part.name} ended (${how}), so everything was stopped. Start again; what was acknowledged is kept.`)))
    } catch (error) {
      fail(error)
    }
  }

  const started = (async () => {
    for (const phase of phases) {
      await Promise.all(phase.map(start))
      if (stopping.signal.aborted) return
    }
    onReady()
  })()
  await started
}
