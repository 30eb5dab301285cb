import { BatonError } from './baton-error.ts'
import type { Settings } from './environment.ts'
import type { Logger } from './logger.ts'
import { relayFileOf } from './relay-file.ts'
import { stateOfFile, watchFile } from './watch-file.ts'

/** ms after which a file that was refused is looked at again: what stood in the way may have gone. */
const retryInterval = 5_000

export interface ReloadingOptions {
  settings: Settings
  log: Logger
  /** Reads the file that these settings name and goes over to it; answers what has changed, or nothing where nothing has. Throws where it does not fit; then all must be as it was. */
  take: (settings: Settings) => Promise<object | undefined>
}

/** Takes the relay file anew when it changes and when it is told to. To be made before the file is read for the first time. One that does not fit is refused, and the one before it stays. */
export class RelayFileReloading {
  readonly #options: ReloadingOptions
  readonly #file: { name: string, state: string } | undefined
  #watch: { close: () => void } | undefined
  #retry: NodeJS.Timeout | undefined
  #reading: Promise<void> = Promise.resolve()
  #told: string | undefined
  #closed = false

  constructor (options: ReloadingOptions) {
    const file = relayFileOf(options.settings)
    // A file that goes missing is missing, and no wish for the default relay.
    this.#options = { ...options, settings: { ...options.settings, ...file !== undefined && { BATON_CONFIG: file } } }
    this.#file = file === undefined ? undefined : { name: file, state: stateOfFile(file) }
  }

  /** Begins to look; to be called once what the file said at first is at work. What has changed since this was made is taken. */
  begin (): void {
    if (this.#file !== undefined) this.#watch = watchFile(this.#file.name, this.#file.state, () => { void this.reload() })
  }

  /** Whether the file is another one than what was taken, and was refused. */
  get isRefused (): boolean {
    return this.#told !== undefined
  }

  /** Reads the file and goes over to it; one at a time. Never rejects: what is wrong stands in the log. */
  async reload (): Promise<void> {
    this.#reading = this.#reading.then(async () => { await this.#readOnce() })
    await this.#reading
  }

  /** Reads it no more; resolves once it is not being read any more. */
  async close (): Promise<void> {
    this.#closed = true
    this.#watch?.close()
    clearTimeout(this.#retry)
    await this.#reading
  }

  async #readOnce (): Promise<void> {
    if (this.#closed) return
    clearTimeout(this.#retry)
    const { settings, log, take } = this.#options
    try {
      const changes = await take(settings)
      this.#told = undefined
      if (changes === undefined) log.debug('the relay file was read anew, and says nothing new here')
      else log.info(changes, 'the relay file was read anew, and is taken')
    } catch (error) {
      this.#refuse(BatonError.from(error))
      if (!this.#closed) this.#retry = setTimeout(() => { void this.reload() }, retryInterval).unref()
    }
  }

  /** Once for each reason. */
  #refuse (error: BatonError): void {
    const text = error.toText()
    if (text === this.#told) return
    this.#told = text
    this.#options.log.error({ problems: error.problems.length > 0 ? error.problems : [error.message], alert: 'RELAY_FILE_REFUSED' }, 'the changed relay file is not taken, and the one before it stays; mend it, and it is read again')
  }
}
