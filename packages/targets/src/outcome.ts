import { Type, type Static } from '@sinclair/typebox'

/** Short and stable (`http_503`, `pg_22P02`): dead letters are grouped by it. */
const Code = Type.String({ pattern: '^[a-z][A-Za-z0-9_]{0,63}$' })
/** For people: says what to mend, and repeats nothing of what an event holds. */
const Reason = Type.String({ minLength: 1 })
/** What the destination said, in its own words. It may repeat what the event holds: so it is kept with the dead letter, for whoever may see that, and stands in no log. */
const Answer = Type.Optional(Type.String())

/** What a target says of one event. */
export const Outcome = Type.Union([
  Type.Object({ kind: Type.Literal('delivered') }),
  /**
   * Try again. `slow`: the target itself is wrong (address, credentials), not the event; try slowly until someone mends it.
   * `holdFor`: ms for which it asks to be left alone, with any event.
   */
  Type.Object({ kind: Type.Literal('retry'), code: Code, reason: Reason, slow: Type.Optional(Type.Boolean()), holdFor: Type.Optional(Type.Number({ minimum: 0 })), answer: Answer }),
  /** The target will never take this event: a dead letter at once. */
  Type.Object({ kind: Type.Literal('reject'), code: Code, reason: Reason, answer: Answer })
])
export type Outcome = Static<typeof Outcome>

/** Characters of an answer that are kept. */
export const longestAnswer = 500

/** Longer than this no target is left alone at its own wish, in ms. */
export const longestHold = 3_600_000

export const delivered: Outcome = { kind: 'delivered' }
