import { closeSync, openSync, readSync } from 'node:fs'
import { Type } from '@sinclair/typebox'
import { Value } from '@sinclair/typebox/value'
import { canary } from './odd-tokens.ts'
import { series } from './verdict.ts'

const Line = Type.Object({
  level: Type.Integer(),
  msg: Type.Optional(Type.String()),
  code: Type.Optional(Type.Integer()),
  status: Type.Optional(Type.Integer()),
  alert: Type.Optional(Type.String()),
  untold: Type.Optional(Type.Integer())
})

/** Alerts that a flood of bad requests is meant to raise. */
const meantAlerts = ['CALLBACK_DRIFT', 'DRIFT_FULL', 'CALLBACKS_FROM_STRANGE_ADDRESSES', 'CALLBACKS_WRONGLY_SIGNED', 'QUARANTINE_FULL', 'QUARANTINE_LOST']
const warning = 40

/** Reads the log of the ingress: which rejections it tells of, and what it should not say. */
export class LogAudit {
  /** How often, by the series of /metrics that counts the same. */
  readonly told = new Map<string, number>()
  readonly alerts = new Set<string>()
  readonly #file: string
  #offset = 0
  #unread: Buffer = Buffer.alloc(0)

  constructor (file: string) {
    this.#file = file
  }

  /** Reads on, and answers what is wrong, in words. */
  read (): string[] {
    const descriptor = openSync(this.#file, 'r')
    const complaints: string[] = []
    try {
      const part = Buffer.alloc(1 << 20)
      for (let length = readSync(descriptor, part, 0, part.length, this.#offset); length > 0; length = readSync(descriptor, part, 0, part.length, this.#offset)) {
        this.#offset += length
        const lines = Buffer.concat([this.#unread, part.subarray(0, length)])
        const end = lines.lastIndexOf('\n') + 1
        this.#unread = lines.subarray(end)
        complaints.push(...lines.toString('utf8', 0, end).split('\n').filter(line => line !== '').flatMap(line => this.#note(line)))
      }
    } finally {
      closeSync(descriptor)
    }
    return complaints
  }

  #note (text: string): string[] {
    if (text.includes(canary)) return [`the log repeats what was sent: ${text}`]
    const line = parsed(text)
    if (!Value.Check(Line, line)) return [`the log has a line that is none: ${text}`]
    const counted = seriesOf(line)
    if (counted !== undefined) this.told.set(counted, (this.told.get(counted) ?? 0) + 1 + (line.untold ?? 0))
    else if (line.alert !== undefined && meantAlerts.includes(line.alert)) this.alerts.add(line.alert)
    else if (line.level > warning) return [`the log tells of an error: ${text}`]
    return []
  }
}

function seriesOf ({ msg, code, status }: { msg?: string, code?: number, status?: number }): string | undefined {
  if (msg === 'callback refused' && code !== undefined) return series.refused(code)
  if (msg === 'no callback: the request is malformed' && status !== undefined) return series.malformed(status)
  if (msg !== undefined && /^a before-callback was (allowed|answered), but its event may be lost$/.test(msg)) return series.allowed
  return undefined
}

function parsed (text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
