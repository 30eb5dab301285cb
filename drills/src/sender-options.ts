import { Type, type Static } from '@sinclair/typebox'

/** What a sender is told at its start. */
export const SenderOptions = Type.Object({
  /** Ingresses. */
  urls: Type.Array(Type.String(), { minItems: 1 }),
  /** Whether callbacks go to them in turns, or to the first that takes the connection. */
  mode: Type.Union([Type.Literal('turns'), Type.Literal('fallback')]),
  /** Callbacks a second, whether or not the earlier ones were answered. */
  rate: Type.Number(),
  /** Ends by itself after so many; null sends until told to stop. */
  count: Type.Union([Type.Integer(), Type.Null()]),
  /** Tells the bodies of one run from those of another. */
  run: Type.String(),
  /** Bytes by which each body is longer. */
  padding: Type.Integer(),
  /** Gets one line for each callback: `<acked|refused|unanswered> <id> <digest of the body> <sent at> <ms until the answer> <ErrorCode or reason>`. */
  log: Type.String()
})
export type SenderOptions = Static<typeof SenderOptions>
