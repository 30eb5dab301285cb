import { isBeforeCommand, type Event } from '@baton/contracts'
import { delivered, type Outcome } from '../outcome.ts'
import { outcomeOfStatus } from './outcome-of-status.ts'

/** What a receiver that was written for Tencent says of the event: 200 and the envelope, as Tencent's backend expects it. */
export function outcomeOfEnvelope (event: Pick<Event, 'command'>, status: number, text: string, { acceptEmpty, retryAfter }: { acceptEmpty: boolean, retryAfter?: string | string[] | undefined }): Outcome {
  const outcome = outcomeOfStatus(status, retryAfter)
  if (outcome.kind !== 'delivered') return outcome
  if (acceptEmpty && text.trim() === '') return delivered
  if (status !== 200) return { kind: 'retry', code: `http_${status}`, reason: `the receiver answered ${status}; Tencent takes 200 alone, with an envelope (for an empty 2xx set acceptEmpty)` }
  const code = errorCodeIn(text)
  if (code === undefined) return { kind: 'retry', code: 'no_envelope', reason: 'the receiver answered 200, but no envelope such as {"ActionStatus":"OK","ErrorInfo":"","ErrorCode":0}' }
  // Of a before-command any code is an answer: the decision was made long ago.
  if (code === 0 || isBeforeCommand(event.command)) return delivered
  return { kind: 'retry', code: `envelope_${code}`, reason: `the receiver answered 200, but ErrorCode ${code}` }
}

/** The ErrorCode of an envelope; undefined where it is none. FAIL with code 0 contradicts itself, and counts as a failure. */
function errorCodeIn (text: string): number | undefined {
  let answer: unknown
  try {
    answer = JSON.parse(text)
  } catch {
    return undefined
  }
  if (typeof answer !== 'object' || answer === null || !('ErrorCode' in answer) || !Number.isInteger(answer.ErrorCode)) return undefined
  const code = Number(answer.ErrorCode)
  return 'ActionStatus' in answer && answer.ActionStatus === 'FAIL' && code === 0 ? undefined : code
}
