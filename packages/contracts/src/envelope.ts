import { Type, type Static } from '@sinclair/typebox'

/** What Tencent's backend expects in every answer. Source: https://intl.cloud.tencent.com/document/product/1047/34354 */
export const Envelope = Type.Object({
  ActionStatus: Type.Union([Type.Literal('OK'), Type.Literal('FAIL')]),
  ErrorInfo: Type.String(),
  ErrorCode: Type.Integer()
})
export type Envelope = Static<typeof Envelope>

/** The acknowledgement: code 0, "the callback result is ignored". */
export const acknowledgement: Envelope = { ActionStatus: 'OK', ErrorInfo: '', ErrorCode: 0 }
