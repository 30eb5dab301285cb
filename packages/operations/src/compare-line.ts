import { isUtf8 } from 'node:buffer'
import { createHash } from 'node:crypto'
import { isReservedCommand, isUsableCommand, readCallbackQuery } from '@baton/contracts'
import { RecordedCallback } from '@baton/fake-tencent'
import { Type } from '@sinclair/typebox'
import { TypeCompiler } from '@sinclair/typebox/compiler'

/** A callback, as far as it is compared: no value of its body. */
export interface SeenCallback {
  /** SDKAppID; undefined where the query names none. */
  app: number | undefined
  /** Undefined where nothing names one that Baton would take. */
  command: string | undefined
  /** SHA-256 of the body. */
  digest: Buffer
  /** When it was received, in ms since 1970; NaN where the line does not say. */
  time: number
}

export type ReadLine = { callback: SeenCallback } | { problem: string } | 'probe'

/** As it is recorded; who logs bodies may say how long they were, so that one that was not logged as a whole is seen. */
const check = TypeCompiler.Compile(Type.Composite([RecordedCallback, Type.Object({
  contentLength: Type.Optional(Type.Union([Type.String({ pattern: '^\\d*$' }), Type.Integer({ minimum: 0 })]))
})]))

/** Reads a line of JSON. A problem names no value. */
export function readLine (line: Buffer): ReadLine {
  // nginx escapes what JSON wants escaped and leaves other bytes as they are: of a body that is not UTF-8 each byte is a character of latin1 then.
  const encoding = isUtf8(line) ? 'utf8' : 'latin1'
  const value = parsed(line.toString(encoding))
  if (value === undefined) return { problem: 'is no JSON' }
  if (!check.Check(value)) {
    const error = check.Errors(value).First()
    return { problem: `is no recorded callback: ${error?.path.slice(1) || 'the line'} does not fit: ${error?.message.toLowerCase()}` }
  }
  const { query, body, bodyBase64, receivedAt, contentLength } = value
  if ((body === undefined) === (bodyBase64 === undefined)) return { problem: 'is no recorded callback: it must have either body or bodyBase64' }
  const bytes = body === undefined ? Buffer.from(bodyBase64 ?? '', 'base64') : Buffer.from(body, encoding)
  if (contentLength !== undefined && contentLength !== '' && Number(contentLength) !== bytes.length) {
    return { problem: `has ${bytes.length} of the ${contentLength} bytes of its body; raise client_body_buffer_size where nginx writes it` }
  }
  const { sdkAppId, command: inQuery } = readCallbackQuery(query)
  const command = inQuery || commandIn(bytes)
  if (isReservedCommand(command)) return 'probe'
  return {
    callback: {
      app: sdkAppId !== undefined && /^\d{1,10}$/.test(sdkAppId) ? Number(sdkAppId) : undefined,
      command: isUsableCommand(command) ? command : undefined,
      digest: createHash('sha256').update(bytes).digest(),
      time: receivedAt ?? NaN
    }
  }
}

/** The command that the body names, empty where it names none. */
function commandIn (body: Buffer): string {
  const value = parsed(body.toString('utf8'))
  return typeof value === 'object' && value !== null && 'CallbackCommand' in value && typeof value.CallbackCommand === 'string' ? value.CallbackCommand : ''
}

function parsed (text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
