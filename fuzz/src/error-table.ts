import { createHash } from 'node:crypto'
import { entryOf } from '@baton/contracts'
import { guardedApp, signedApp } from './apps.ts'
import { bodyLimit } from './change-bytes.ts'
import { Reading, type SentRequest } from './reading.ts'
import { series, type Ending, type Verdict } from './verdict.ts'

/** One row of the table in docs/errors.md. */
interface Row {
  code: number
  holds: (request: Reading) => boolean
  /** Why it is kept, where it is. */
  kind?: string
  /** A before-callback is allowed all the same. */
  unlessBefore?: boolean
  /** Who has said by then which command it is: the query, if left out. */
  commandBy?: 'nobody' | 'both'
}

/** The table in docs/errors.md, in its order: the first row that holds decides. A row that is new there is new here. */
const table: readonly Row[] = [
  { code: 40501, holds: ({ method }) => method !== 'POST', commandBy: 'nobody' },
  { code: 40401, holds: ({ path }) => path !== '/', commandBy: 'nobody' },
  { code: 40301, holds: ({ app }) => app === undefined },
  { code: 40302, holds: ({ app }) => app === guardedApp },
  { code: 40101, holds: ({ app, sign, requestTime }) => app === signedApp && (sign === '' || requestTime === ''), kind: 'sign-missing' },
  { code: 40102, holds: ({ app, age, sign, requestTime }) => app === signedApp && !(Number.isFinite(age) && signedApp.tokens.some(token => sha256(token + requestTime) === sign)), kind: 'sign-wrong' },
  { code: 40103, holds: ({ app, age }) => app === signedApp && !(age <= 300), kind: 'sign-stale' },
  { code: 41301, holds: ({ size }) => size > bodyLimit, unlessBefore: true },
  { code: 40001, holds: ({ object }) => object === undefined, kind: 'not-json-object', unlessBefore: true },
  { code: 40002, holds: ({ queryCommands, queryCommand, bodyCommand }) => new Set(queryCommands).size > 1 || (queryCommand !== '' && bodyCommand !== '' && queryCommand !== bodyCommand), kind: 'commands-differ', unlessBefore: true },
  { code: 40003, holds: ({ command }) => !/^[A-Za-z][A-Za-z0-9_.]{0,127}$/.test(command), kind: 'no-command', unlessBefore: true },
  { code: 40003, holds: ({ command }) => isBatons(command) && command !== 'Baton.Probe', commandBy: 'both' },
  { code: 40004, holds: ({ misfits }) => misfits.some(({ read }) => read), kind: 'unfit-field', unlessBefore: true, commandBy: 'both' }
]

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')

const isBefore = (command: string): boolean => command.includes('.CallbackBefore') || command.includes('.CallbackPrev')

/** Probes, and what else is called like them, leave nothing but a count. */
const isBatons = (command: string): boolean => command.startsWith('Baton.')

/** More misfits than the ingress looks at: whether one that decides is among those it sees, is its own affair. */
const countless = 1_000

/** What the documentation says of a request; several verdicts where it leaves that open. */
export function verdictsOn (request: SentRequest): Verdict[] {
  const reading = new Reading(request)
  if (['GET', 'HEAD'].includes(reading.method) && ['/livez', '/readyz', '/metrics'].includes(reading.path)) return [{ ending: 'plain', traces: { counted: [] } }]
  const row = table.find(({ holds }) => holds(reading))
  if (row === undefined) return [accepted(reading)]
  return row.kind === 'unfit-field' && reading.misfits.length > countless ? [refused(row, reading), accepted(reading)] : [refused(row, reading)]
}

function accepted ({ command, kept }: Reading): Verdict {
  if (isBatons(command)) return { ending: 'acknowledged', traces: { counted: [series.probe(0)] } }
  return { ending: 'acknowledged', traces: { counted: [series.accepted(entryOf(command) !== undefined)], event: { ...kept, command } } }
}

function refused ({ code, kind, unlessBefore = false, commandBy }: Row, { command, queryCommand, size, kept }: Reading): Verdict {
  const named = commandBy === 'nobody' ? '' : commandBy === 'both' ? command : queryCommand
  if (isBatons(named)) return { ending: `refused ${code}`, traces: { counted: [series.probe(code)] } }
  const allowed = unlessBefore && isBefore(named)
  const ending: Ending = allowed ? 'acknowledged' : `refused ${code}`
  const counted = [allowed ? series.allowed : series.refused(code)]
  if (kind === undefined) return { ending, traces: { counted } }
  // Of what strangers send only so much is kept, and nothing above the limit.
  const quarantined = size > bodyLimit ? {} : { quarantined: { ...kept, kind, surely: !kind.startsWith('sign-') } }
  return { ending, traces: { counted: [...counted, series.quarantined(kind)], ...quarantined } }
}
