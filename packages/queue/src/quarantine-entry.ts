import { isUtf8 } from 'node:buffer'
import { isQuarantinedKind, type Quarantined, type QuarantineName } from './quarantine.ts'

/** A callback as it stands in a quarantine. */
export interface QuarantineEntry extends Quarantined {
  /** `q_...`; of one that was wrongly signed `qu_...`. */
  id: string
  body: Buffer
}

/** The version of the fields below; an entry of another one is passed over by a reader that does not know it. */
const version = '1'

/** Names and values in turn, as they stand in the stream. A body that is no text stands there in base64. */
export function storeEntry ({ kind, app, info, command = '', query, receivedAt, body }: Quarantined): string[] {
  const encoding = isUtf8(body) ? 'utf8' : 'base64'
  return [
    'v', version, 'kind', kind, 'app', String(app), 'info', info, 'command', command, 'query', query, 'receivedAt', String(receivedAt),
    'encoding', encoding, 'body', Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString(encoding)
  ]
}

/** An entry of a stream, or undefined where it is of another version. */
export function restoreEntry (name: QuarantineName, position: string, values: readonly string[]): QuarantineEntry | undefined {
  const fields = new Map(values.flatMap((value, at) => at % 2 === 0 ? [[value, values[at + 1] ?? ''] as const] : []))
  const field = (name: string) => fields.get(name) ?? ''
  const kind = field('kind')
  if (field('v') !== version || !isQuarantinedKind(kind)) return undefined
  return {
    id: prefixes[name] + position,
    kind,
    app: Number(field('app')),
    info: field('info'),
    command: field('command') || undefined,
    query: field('query'),
    receivedAt: Number(field('receivedAt')),
    body: Buffer.from(field('body'), field('encoding') === 'base64' ? 'base64' : 'utf8')
  }
}

/** An id alone tells which quarantine it belongs to. */
const prefixes: Readonly<Record<QuarantineName, string>> = { quarantine: 'q_', 'quarantine-unsigned': 'qu_' }

/** Where the entry of this id stands; undefined for what is no such id. */
export function positionOfEntry (id: string): { name: QuarantineName, position: string } | undefined {
  const [, unsigned, position] = /^q(u?)_(\d{1,20}-\d{1,20})$/.exec(id) ?? []
  return position === undefined ? undefined : { name: unsigned === '' ? 'quarantine' : 'quarantine-unsigned', position }
}
