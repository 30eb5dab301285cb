import type { Event } from '@baton/contracts'
import type { Draft } from './draft.ts'
import { Measured } from './record.ts'

/** What waits for its commit. */
export interface WaitingChange {
  /** Bytes of the record to append; 0 for other changes, which are never refused: they make room. */
  readonly bytes: number
  apply: (draft: Draft) => void
  /** Called after the flush, if it was applied. */
  flushed: () => void
  /** Called where it was not. */
  reject: (error: unknown) => void
}

/** One for each event, so it is kept small. */
export class WaitingAppend implements WaitingChange {
  readonly reject: (error: unknown) => void
  readonly #record: Measured
  readonly #resolve: (seq: number) => void
  #seq = 0

  constructor (event: Event, resolve: (seq: number) => void, reject: (error: unknown) => void) {
    this.#record = new Measured(event)
    this.#resolve = resolve
    this.reject = reject
  }

  get bytes (): number {
    return this.#record.bytes
  }

  apply (draft: Draft): void {
    this.#seq = draft.append(this.#record)
  }

  flushed (): void {
    this.#resolve(this.#seq)
  }
}
