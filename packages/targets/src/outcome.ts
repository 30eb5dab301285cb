/**
 * What a target says of one event. `code` is short and stable (`http_503`, `pg_22P02`): dead letters are grouped by it.
 * `reason` is for people, and says what to mend.
 */
export type Outcome =
  | { kind: 'delivered' }
  /**
   * Try again. `slow`: the target itself is wrong (address, credentials), not the event; try slowly until someone mends it.
   * `holdFor`: ms for which it asks to be left alone, with any event.
   */
  | { kind: 'retry', code: string, reason: string, slow?: boolean, holdFor?: number }
  /** The target will never take this event: a dead letter at once. */
  | { kind: 'reject', code: string, reason: string }

export const delivered: Outcome = { kind: 'delivered' }
