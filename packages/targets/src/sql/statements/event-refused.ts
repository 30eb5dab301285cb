import type { Outcome } from '../../outcome.ts'

/** An event that is not written, since no database is to be asked for it. */
export class EventRefused extends Error {
  readonly outcome: Outcome

  constructor (outcome: Outcome) {
    super('the event is refused')
    this.outcome = outcome
  }
}
