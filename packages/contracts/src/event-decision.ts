import { Type, type Static } from '@sinclair/typebox'
import { Value } from '@sinclair/typebox/value'

/** What was decided about a before-callback that an endpoint was asked for. It travels with the event. */
export const EventDecision = Type.Object({
  /** What Tencent was told, as far as the answer is about all of it. */
  verdict: Type.Union([Type.Literal('allow'), Type.Literal('deny')]),
  /** Whose word that was; `shadow`: allowed, whatever the endpoint has said. */
  by: Type.Union([Type.Literal('endpoint'), Type.Literal('fallback'), Type.Literal('shadow')]),
  /** What the endpoint has answered, where that was a valid answer: JSON. */
  answer: Type.Optional(Type.String()),
  /** Why there was none. */
  problem: Type.Optional(Type.String()),
  /** ms that asking took. */
  took: Type.Number()
})
export type EventDecision = Static<typeof EventDecision>

export const isEventDecision = (value: unknown): value is EventDecision => Value.Check(EventDecision, value)
