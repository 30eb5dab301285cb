import { Envelope } from '@baton/contracts'
import { TypeCompiler } from '@sinclair/typebox/compiler'
import type { Answer } from './answer-reader.ts'
import type { Exchange } from './connection.ts'
import { canary } from './odd-tokens.ts'
import type { Ending, Verdict } from './verdict.ts'
import type { Expected, FuzzCase } from './wire.ts'

export interface Judgement {
  /** Of each request, what came true of it. */
  verdicts: Verdict[]
  /** What is wrong, in words. */
  complaints: string[]
}

const isEnvelope = TypeCompiler.Compile(Envelope)
const malformedInfo = /^(this is not HTTP|the headers are larger than|the callback was not whole within)/
/** Decisions about friends name those whom they are about. */
const decided = /"To_Account":"(?:[^"\\]|\\.)*"/g
const lifeInfo = /^text\/plain/

/** Holds what came back against what may. */
export function judge ({ expected, coda }: FuzzCase, { answers, fault }: Exchange): Judgement {
  const complaints = fault === undefined ? [] : [fault]
  const verdicts: Verdict[] = []
  const all: Expected[] = [...expected, ...coda.length > 0 && answers.length > expected.length ? [{ verdicts: coda, bodyless: false }] : []]
  for (const [nth, { verdicts: allowed, bodyless }] of all.entries()) {
    const answer = answers[nth]
    const ending = answer === undefined ? 'silence' : endingOf(answer, bodyless)
    const verdict = allowed.find(verdict => verdict.ending === ending)
    if (verdict !== undefined) verdicts.push(verdict)
    else complaints.push(`answer ${nth + 1}: ${ending}${answer === undefined ? '' : ` (${answer.status} ${answer.body.slice(0, 300)})`}, where only this may be: ${allowed.map(({ ending }) => ending).join(', or ')}`)
    if (ending.startsWith('malformed')) break // the connection ends there, and what else was sent is nothing
  }
  return { verdicts, complaints }
}

/** What an answer says became of the request; in words where it is none that the ingress may give. */
function endingOf ({ status, headers, body }: Answer, bodyless: boolean): Ending | `no envelope: ${string}` {
  if (body.replaceAll(decided, '').includes(canary)) return 'no envelope: it repeats what was sent'
  if (status === 200 && lifeInfo.test(headers.get('content-type') ?? '')) return 'plain'
  if (!/^application\/json(; charset=utf-8)?$/.test(headers.get('content-type') ?? '')) return 'no envelope: it is not called JSON'
  if (bodyless && body === '') return status === 200 ? 'acknowledged' : `refused ${status === 405 ? 40501 : 0}`
  const envelope = parsed(body)
  if (!isEnvelope.Check(envelope)) return 'no envelope: the schema does not fit'
  const { ActionStatus, ErrorCode, ErrorInfo } = envelope
  if (ActionStatus !== (ErrorCode === 0 ? 'OK' : 'FAIL') || (ErrorInfo === '') !== (ErrorCode === 0)) return 'no envelope: it contradicts itself'
  if (ErrorCode === 0) return status === 200 ? 'acknowledged' : 'no envelope: acknowledged with another status than 200'
  if (malformedInfo.test(ErrorInfo) && ErrorCode === 40001) return status === 400 || status === 408 || status === 431 ? `malformed ${status}` : 'no envelope: no HTTP, with another status'
  if (Math.floor(ErrorCode / 100) !== status) return 'no envelope: status and ErrorCode are not of the same row'
  if ((status === 405) !== (headers.get('allow') === 'POST')) return 'no envelope: Allow is missing, or too much'
  return `refused ${ErrorCode}`
}

function parsed (text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
