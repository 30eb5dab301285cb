import { readCallbackQuery } from '@baton/contracts'
import { TypeCompiler } from '@sinclair/typebox/compiler'
import type { FakeCallback } from './fake-tencent.ts'
import { isJsonObject } from './json.ts'
import { RecordedCallback } from './recorded-callback.ts'

/** What a file of JSON lines holds: recorded callbacks, or bodies of one command, which are taken as they are, whatever they are. */
export type Recording =
  | { kind: 'callbacks', callbacks: FakeCallback[] }
  | { kind: 'bodies', bodies: Buffer[] }
  /** Each problem names its line. */
  | { kind: 'unfit', problems: string[] }

const check = TypeCompiler.Compile(RecordedCallback)

/** A file holds the one or the other: where one line is a recorded callback, all must be. Empty lines count for nothing but their number. */
export function readRecording (text: string): Recording {
  const lines = text.split('\n').map((line, at) => ({ line, name: `line ${at + 1}` })).filter(({ line }) => line.trim() !== '')
  const parsed = lines.map(({ line, name }) => ({ value: valueOf(line), name }))
  if (!parsed.some(({ value }) => looksRecorded(value)) && !lines.some(({ line }) => beginsRecorded.test(line))) return { kind: 'bodies', bodies: lines.map(({ line }) => Buffer.from(line)) }
  const callbacks: FakeCallback[] = []
  const problems: string[] = []
  for (const { value, name } of parsed) {
    const problem = problemOf(value)
    if (problem === undefined && check.Check(value)) callbacks.push(callbackOf(value))
    else problems.push(`${name}: ${problem}`)
  }
  return problems.length > 0 ? { kind: 'unfit', problems } : { kind: 'callbacks', callbacks }
}

function valueOf (line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}

/** One that was cut off, say by a full disk, is no bare body for that. */
const beginsRecorded = /^\s*\{\s*"(?:query|body|bodyBase64)"\s*:/

/** No body of Tencent's has these fields. */
const looksRecorded = (value: unknown): boolean => isJsonObject(value) && ['query', 'body', 'bodyBase64'].some(name => name in value)

function problemOf (value: unknown): string | undefined {
  if (value === undefined) return 'is no JSON: it is broken, or cut off'
  if (!looksRecorded(value)) return 'is a bare body among recorded callbacks; a file holds the one or the other'
  const error = check.Errors(value).First()
  if (error !== undefined) return `${error.path.slice(1)} does not fit: ${error.message.toLowerCase()}`
  return check.Check(value) && (value.body === undefined) === (value.bodyBase64 === undefined) ? 'must have either body or bodyBase64' : undefined
}

const callbackOf = ({ query, body, bodyBase64 = '', contentType }: RecordedCallback): FakeCallback => ({
  command: readCallbackQuery(query).command ?? '',
  query,
  body: body === undefined ? Buffer.from(bodyBase64, 'base64') : Buffer.from(body),
  headers: contentType === undefined ? {} : { 'content-type': contentType }
})
