import { isUtf8 } from 'node:buffer'
import { setTimeout as pause } from 'node:timers/promises'
import { BatonError } from '@baton/runtime'
import type { Outcome } from '../outcome.ts'
import type { GroupAtTime, Target } from '../target.ts'
import { readGroupState } from './group-state.ts'
import { linesOf, type Line } from './lines-of.ts'

export interface ImportOptions {
  /** The file: one group on each line. */
  bytes: AsyncIterable<Buffer>
  appId: number
  /** When the groups were as the file says, in ms since 1970; a line may say it itself. */
  at: number | undefined
  /** In ms since 1970. What is later cannot be known. */
  now: number
  /** Left out: the file is only looked at. */
  load?: Target['load']
  /** Ends it early. */
  signal: AbortSignal
  /** A line is dealt with. */
  onLine: () => void
  /** In ms, before a batch is tried again. */
  pauses?: readonly number[]
}

export interface Imported {
  /** Written, or with nothing to write them to, fit. */
  groups: number
  members: number
  topics: number
  /** Lines that do not fit, or that the database does not take. */
  refused: number
  /** Why, of the first of them: `line 12: ...`. */
  problems: string[]
  /** It was ended before the end of the file. */
  interrupted: boolean
}

/** What is in memory at once, and on its way to the database: lines, and their bytes, or a longer one alone. */
const most = { lines: 200, bytes: 1 << 20 }

/** How long the database may take over them, in ms. */
const patience = 300_000

const mostProblems = 100

/** Reads groups and writes them. A line that does not fit stops no other; throws TARGET_UNUSABLE where the database is the trouble. */
export async function importGroups ({ bytes, signal, onLine, pauses = [1_000, 2_000, 4_000, 8_000], ...options }: ImportOptions): Promise<Imported> {
  const imported: Imported = { groups: 0, members: 0, topics: 0, refused: 0, problems: [], interrupted: false }
  const refuse = (number: number, problems: readonly string[]) => {
    imported.refused++
    imported.problems.push(...problems.slice(0, mostProblems - imported.problems.length).map(problem => `line ${number}: ${problem}`))
    onLine()
  }
  let batch: (GroupAtTime & { number: number })[] = []
  const write = async () => {
    const outcomes = options.load === undefined ? [] : await loaded(options.load, batch, imported.groups, pauses, signal)
    for (const [nth, { number, state }] of batch.entries()) {
      const outcome = outcomes[nth]
      if (outcome !== undefined && outcome.kind !== 'delivered') {
        refuse(number, [`${outcome.reason} (${outcome.code})`])
        continue
      }
      imported.groups++
      imported.members += state.MemberList?.length ?? 0
      imported.topics += state.TopicList?.length ?? 0
      onLine()
    }
    batch = []
  }
  let size = 0
  try {
    for await (const line of linesOf(bytes)) {
      signal.throwIfAborted()
      const read = readLine(line, options)
      if ('problems' in read) {
        refuse(line.number, read.problems)
        continue
      }
      if (batch.length === most.lines || (batch.length > 0 && size + read.text.length > most.bytes)) {
        await write()
        size = 0
      }
      batch.push({ ...read, number: line.number })
      size += read.text.length
    }
    if (batch.length > 0) await write()
  } catch (error) {
    if (!signal.aborted) throw error
    imported.interrupted = true
  }
  return imported
}

function readLine ({ number, bytes }: Line, { appId, at, now }: Pick<ImportOptions, 'appId' | 'at' | 'now'>): GroupAtTime | { problems: string[] } {
  if (bytes === undefined) return { problems: ['is longer than 128 MiB; each group is one object on a line of its own'] }
  if (!isUtf8(bytes)) return { problems: ['is not UTF-8; write the file in UTF-8'] }
  const text = bytes.toString().replace(number === 1 ? /^\uFEFF/ : /^$/, '')
  const read = readGroupState(text)
  if ('problems' in read) return read
  const since = read.state.At ?? at
  if (since === undefined) return { problems: ['has no At, and there is no --at: nobody can tell which callbacks are later than this. Name with --at when you began to fetch the groups'] }
  if (since > now) return { problems: ['At lies in the future: it would stand above callbacks that are still to come. It is in ms since 1970'] }
  return { appId, at: since, state: read.state, text }
}

/** One outcome for each; what passes is waited for. */
async function loaded (load: NonNullable<Target['load']>, groups: readonly GroupAtTime[], before: number, pauses: readonly number[], signal: AbortSignal): Promise<Outcome[]> {
  for (const wait of [...pauses, undefined]) {
    const outcomes = await load(groups, { signal: AbortSignal.any([signal, AbortSignal.timeout(patience)]) })
    signal.throwIfAborted()
    const trouble = outcomes.find(outcome => outcome.kind === 'retry')
    if (trouble === undefined) return outcomes
    if (wait === undefined || trouble.slow === true) throw new BatonError('TARGET_UNUSABLE', `The target takes nothing: ${trouble.reason} (${trouble.code}). ${before} groups are in; import the same file again when this is mended: what is in changes nothing.`)
    await pause(wait, undefined, { signal })
  }
  return []
}
