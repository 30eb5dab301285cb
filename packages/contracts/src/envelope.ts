import { Type, type Static } from '@sinclair/typebox'
import { Value } from '@sinclair/typebox/value'

/** What Tencent's backend expects in every answer. Source: https://intl.cloud.tencent.com/document/product/1047/34354 */
export const Envelope = Type.Object({
  ActionStatus: Type.Union([Type.Literal('OK'), Type.Literal('FAIL')]),
  ErrorInfo: Type.String(),
  ErrorCode: Type.Integer()
})
export type Envelope = Static<typeof Envelope>

/** The envelope in the body of an answer, or undefined where it is none. */
export function readEnvelope (text: string): Envelope | undefined {
  try {
    const envelope: unknown = JSON.parse(text)
    return Value.Check(Envelope, envelope) ? envelope : undefined
  } catch {
    return undefined
  }
}

/** The acknowledgement: code 0, "the callback result is ignored". */
export const acknowledgement: Envelope = { ActionStatus: 'OK', ErrorInfo: '', ErrorCode: 0 }
