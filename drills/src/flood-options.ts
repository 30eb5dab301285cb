import { Type, type Static } from '@sinclair/typebox'

/** What a flood is told at its start. */
export const FloodOptions = Type.Object({
  /** The ingress. */
  url: Type.String(),
  /** Callbacks in all, each with an id of its own. */
  count: Type.Integer(),
  connections: Type.Integer(),
  /** Callbacks of one connection that wait for an answer at once. */
  pipelined: Type.Integer()
})
export type FloodOptions = Static<typeof FloodOptions>

/** How it went, as the flood tells its parent again and again. */
export const FloodReport = Type.Object({
  acked: Type.Integer(),
  /** Answered with anything but the acknowledgement. */
  refused: Type.Integer(),
  ended: Type.Boolean()
})
export type FloodReport = Static<typeof FloodReport>
