import type { Envelope } from './envelope.ts'

/** Every way in which a callback is not acknowledged: HTTP status and `ErrorCode`. The order is the order of the checks. */
export const refusals = {
  'not-post': { status: 405, code: 40501 },
  'unknown-path': { status: 404, code: 40401 },
  'wrong-app': { status: 403, code: 40301 },
  'wrong-address': { status: 403, code: 40302 },
  'sign-missing': { status: 401, code: 40101 },
  'sign-wrong': { status: 401, code: 40102 },
  'sign-stale': { status: 401, code: 40103 },
  'body-too-large': { status: 413, code: 41301 },
  'not-json-object': { status: 400, code: 40001 },
  'commands-differ': { status: 400, code: 40002 },
  'no-command': { status: 400, code: 40003 },
  'unfit-field': { status: 400, code: 40004 },
  'not-durable': { status: 503, code: 50301 }
} as const

export type RefusalKind = keyof typeof refusals

/** Those that are answered with one of these statuses. */
export type RefusalKindWith<Status extends number> = { [Kind in RefusalKind]: (typeof refusals)[Kind]['status'] extends Status ? Kind : never }[RefusalKind]

/** A callback that is not acknowledged. `info` says what is wrong and how to mend it; it names fields, never their values. */
export interface Refusal<Kind extends RefusalKind = RefusalKind> {
  kind: Kind
  info: string
}

export const refusalEnvelope = ({ kind, info }: Refusal): Envelope =>
  ({ ActionStatus: 'FAIL', ErrorInfo: info, ErrorCode: refusals[kind].code })
