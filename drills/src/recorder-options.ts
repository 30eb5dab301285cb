import { Type, type Static } from '@sinclair/typebox'

/** What a recorder is told at its start. */
export const RecorderOptions = Type.Object({
  port: Type.Integer(),
  /** Gets one line for each request, in the order of arrival: `<webhook-id> <ms since 1970> <digest of the body>`. */
  log: Type.String(),
  /** ms until it answers. */
  latency: Type.Integer(),
  /** Does not note the nth event that it meets, to see that its loss is noticed; null notes all. */
  forget: Type.Union([Type.Integer(), Type.Null()])
})
export type RecorderOptions = Static<typeof RecorderOptions>
