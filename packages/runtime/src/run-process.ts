import closeWithGrace from 'close-with-grace'
import { BatonError } from './baton-error.ts'
import { readSettings, type Settings } from './environment.ts'
import { createLogger, type Logger } from './logger.ts'
import { onStopSignals, stopSignals } from './on-stop-signals.ts'

export interface ProcessContext {
  settings: Settings
  log: Logger
}

export interface RunningProcess {
  /** Where this process listens, by name. */
  urls: Record<string, string>
  /**
   * Says that the end is near, goes on working, and resolves when those who send work here have had the time to go elsewhere. For processes
   * that others send work to; passed over where the end cannot wait.
   */
  leave?: () => Promise<void>
  /** Reads anew what may have changed, on SIGHUP; where it is left out, SIGHUP is a stop signal. Never rejects. */
  reload?: () => Promise<void>
  /** Finishes the work in hand and lets go of everything. */
  close: () => Promise<void>
}

/** What a process tells the one that started it, over IPC. */
export interface ReadyMessage { type: 'ready', urls: Record<string, string> }

/** How long a process may take to close, once it has left, in ms: longer than a delivery's default timeout, shorter than an orchestrator's patience. */
export const closeDeadline = 25_000

/**
 * The life of a process: settings, start, ready; leave and close on a stop signal, close at once on the death of its parent; exit code 1
 * where the start fails, an error goes uncaught, or closing takes too long. A second signal exits at once.
 */
export async function runProcess (name: string, start: (context: ProcessContext) => Promise<RunningProcess>): Promise<void> {
  let log: Logger | undefined
  try {
    const settings = readSettings()
    log = createLogger(name, settings.LOG_LEVEL)
    let onHangUp = () => { hungUp = true }
    let hungUp = false
    process.on('SIGHUP', () => { onHangUp() }) // from the beginning: unheard, it would end a process that is starting
    const running = await start({ settings, log })
    let closing: Promise<void> | undefined
    const onTimeout = () => { log?.error({ closeDeadline }, 'closing took too long; the rest is left as it is') }
    const grace = closeWithGrace({ delay: closeDeadline, logger: false, skip: [...stopSignals], onTimeout }, async ({ err }) => {
      if (err) log?.fatal({ err }, 'an error went uncaught; closing')
      await (closing ??= running.close())
    })
    const { reload } = running
    const stop = onStopSignals(signal => {
      log?.info({ signal }, 'closing')
      void (running.leave?.() ?? Promise.resolve()).finally(() => { void grace.close() })
    }, undefined, stopSignals.filter(name => name !== 'SIGHUP'))
    onHangUp = () => { reload === undefined ? stop('SIGHUP') : void reload() }
    if (hungUp) onHangUp()
    // Our parent holds the other end of the channel: without it nobody would ever stop us.
    process.once('disconnect', () => { void grace.close() })
    if (process.send !== undefined && !process.connected) void grace.close() // it died while we were starting
    log.info(Object.fromEntries(Object.entries(running.urls).map(([what, url]) => [what, new URL(url).origin])), 'ready') // a path may be a secret
    const message: ReadyMessage = { type: 'ready', urls: running.urls }
    if (process.connected) process.send?.(message)
  } catch (thrown) {
    const error = BatonError.from(thrown)
    log?.debug({ err: error }, 'the start failed')
    process.stderr.write(`${name}: ${error.toText()}\n`)
    process.exitCode = 1
    if (process.connected) process.disconnect()
  }
}
