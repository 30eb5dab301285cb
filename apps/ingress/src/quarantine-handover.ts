import type { Quarantined } from '@baton/queue'
import type { Logger } from '@baton/runtime'

/** Where callbacks go that were not relayed but may be wanted. Nobody waits for it. */
export interface Quarantine {
  handOver: (entry: Quarantined) => void
  /** Counts one that was not even handed over. */
  lose: () => void
  /** How many have been kept, and how many could not be. */
  readonly kept: number
  readonly lost: number
}

/** Hands entries to the thread that forwards, and knows which of them never arrived anywhere. */
export class QuarantineHandover implements Quarantine {
  readonly #post: (entry: Quarantined, transfer: ArrayBuffer[]) => void
  readonly #log: Logger
  #unsettled = 0
  #kept = 0
  #lost = 0

  constructor (post: (entry: Quarantined, transfer: ArrayBuffer[]) => void, log: Logger) {
    this.#post = post
    this.#log = log
  }

  get kept (): number {
    return this.#kept
  }

  get lost (): number {
    return this.#lost
  }

  handOver (entry: Quarantined): void {
    this.#unsettled += 1
    const body = new Uint8Array(entry.body) // a copy of its own: the bytes may lie in memory that others share
    this.#post({ ...entry, body }, [body.buffer])
  }

  lose (): void {
    this.#lost += 1
  }

  /** The thread tells what became of entries. */
  settled ({ kept, lost }: { kept: number, lost: number }): void {
    this.#unsettled -= kept + lost
    this.#kept += kept
    this.#lost += lost
  }

  /** The thread is gone, with all that it had not settled. */
  abandoned (): void {
    const lost = this.#unsettled
    if (lost === 0) return
    this.settled({ kept: 0, lost })
    this.#log.error({ lost, alert: 'QUARANTINE_LOST' }, 'the forwarder ended before these callbacks were quarantined; some of them may be lost')
  }
}
