import { refusals, type RefusalKind } from '@baton/contracts'
import type { Answer } from './exchange.ts'

const kinds = new Map(Object.entries(refusals).map(([kind, { code }]) => [code as number, kind as RefusalKind]))

/** Why a probe was refused; undefined where it was not, or by something that is no Baton. */
export const refusalOf = ({ envelope }: Answer): RefusalKind | undefined =>
  envelope === undefined ? undefined : kinds.get(envelope.ErrorCode)

/** Whether all checks of the ingress let it in, whatever became of its body. */
export const isAdmitted = (answer: Answer): boolean => answer.report !== undefined || isAcknowledged(answer)

export const isAcknowledged = ({ status, envelope }: Answer): boolean => status === 200 && envelope?.ErrorCode === 0

/** An answer in a few words. */
export const spelled = (answer: Answer): string => answer.envelope === undefined
  ? `HTTP ${answer.status}, ${answer.headers['content-type'] ?? 'no Content-Type'}`
  : `HTTP ${answer.status}, ErrorCode ${answer.envelope.ErrorCode}${answer.envelope.ErrorInfo === '' ? '' : `: ${answer.envelope.ErrorInfo}`}`
