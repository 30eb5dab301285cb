import { BatonError, relayFileOf, watchFile, type Logger, type Settings } from '@baton/runtime'
import { refusal, type Relay } from './relay.ts'
import { readConfiguration } from './relay-configuration.ts'

/** ms after which a file that was refused is looked at again: what stood in the way may have gone. */
const retryInterval = 5_000

/** Takes the relay file anew when it changes and when it is told to. One that does not fit is refused, and the one before it stays. */
export class Reloading {
  readonly #relay: Relay
  readonly #settings: Settings
  readonly #log: Logger
  readonly #watch: { close: () => void } | undefined
  #retry: NodeJS.Timeout | undefined
  #reading: Promise<void> = Promise.resolve()
  #told: string | undefined
  #closed = false

  constructor (relay: Relay, settings: Settings, log: Logger) {
    this.#relay = relay
    this.#log = log
    const file = relayFileOf(settings)
    this.#settings = { ...settings, ...file !== undefined && { BATON_CONFIG: file } } // a file that goes missing is missing, and no wish for the default relay
    this.#watch = file === undefined ? undefined : watchFile(file, () => { void this.reload() })
  }

  /** Whether the relay file is another one than what was taken, and was refused. */
  get isRefused (): boolean {
    return this.#told !== undefined
  }

  /** Reads the file and goes over to it; one at a time. Never rejects: what is wrong stands in the log. */
  async reload (): Promise<void> {
    this.#reading = this.#reading.then(async () => { await this.#readOnce() })
    await this.#reading
  }

  async close (): Promise<void> {
    this.#closed = true
    this.#watch?.close()
    clearTimeout(this.#retry)
    await this.#reading
  }

  async #readOnce (): Promise<void> {
    if (this.#closed) return
    clearTimeout(this.#retry)
    try {
      const next = await readConfiguration(this.#settings)
      const obstacles = await this.#relay.obstaclesTo(next)
      if (obstacles.length > 0) throw refusal(obstacles)
      const changes = await this.#relay.adopt(next)
      this.#told = undefined
      for (const warning of next.warnings) this.#log.warn(warning)
      this.#log.info({ version: next.version, ...changes }, 'the relay file was read anew')
    } catch (error) {
      this.#refuse(BatonError.from(error))
      this.#retry = setTimeout(() => { void this.reload() }, retryInterval).unref()
    }
  }

  /** Once for each reason. */
  #refuse (error: BatonError): void {
    const text = error.toText()
    if (text === this.#told) return
    this.#told = text
    this.#log.error({ problems: error.problems.length > 0 ? error.problems : [error.message], alert: 'RELAY_FILE_REFUSED' }, 'the changed relay file is not taken, and the one before it stays; mend it, and it is read again')
  }
}
