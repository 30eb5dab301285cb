import { quarantineOf, type Quarantined } from './quarantine.ts'
import { QuarantineWriter, type QuarantineWriterOptions } from './quarantine-writer.ts'

/** Brings entries into the quarantines that they belong to; see QuarantineWriter. */
export class QuarantineWriters {
  readonly #writers: { readonly [name in QuarantineWriterOptions['name']]: QuarantineWriter }

  constructor (options: Pick<QuarantineWriterOptions, 'redis' | 'log' | 'settled'>) {
    this.#writers = {
      quarantine: new QuarantineWriter({ ...options, name: 'quarantine' }),
      'quarantine-unsigned': new QuarantineWriter({ ...options, name: 'quarantine-unsigned' })
    }
  }

  add (entry: Quarantined): void {
    this.#writers[quarantineOf[entry.kind]].add(entry)
  }

  /** Makes one more attempt with what waits; takes no more. */
  async close (): Promise<void> {
    await Promise.all(Object.values(this.#writers).map(async writer => await writer.close()))
  }
}
