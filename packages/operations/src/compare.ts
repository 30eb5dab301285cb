import { BatonError } from '@baton/runtime'
import { readLine, type SeenCallback } from './compare-line.ts'
import { linesOf } from './compare-lines.ts'
import { addUp, match, noCounts, type Counts } from './compare-match.ts'
import { Sightings, sides, type Side } from './compare-sightings.ts'
import { overlapOf, placeIn, spanning, type Window } from './compare-window.ts'

export interface CompareOptions {
  /** Files of JSON lines: what the controller received. Each is read once, so a pipe will do. */
  received: readonly string[]
  /** What Baton accepted. */
  accepted: readonly string[]
  /** ms by which both sides may differ on when a callback came; never more than a tenth of what is compared. */
  edge?: number | undefined
  /** So many of what is missing, and of what cannot be read, are named. */
  examples?: number | undefined
  /** Counts each callback once, however often it came. */
  distinct?: boolean | undefined
}

export interface ComparedFile {
  side: Side
  file: string
  callbacks: number
  /** Of `baton doctor`, which nobody keeps; not compared. */
  probes: number
  badLines: number
  /** Null where nothing in it says when it came. */
  window: Window | null
}

export interface ComparedCommand extends Counts {
  /** SDKAppID; null where the query names none. */
  app: number | null
  /** Null where nothing names one that Baton would take. */
  command: string | null
}

/** A callback that only one side has, or has more often. */
interface MissingCallback {
  only: Side
  app: number | null
  command: string | null
  /** SHA-256 of the body, in hex. */
  sha256: string
  /** In ms since 1970; null where nobody says. */
  time: number | null
  /** How often it came to either side. */
  times: Record<Side, number>
}

interface BadLine {
  file: string
  line: number
  problem: string
}

export interface Comparison {
  /** All that both sides should have both sides have, and Baton as long as the controller; every line could be read, and there is something that both have. */
  isMatch: boolean
  files: ComparedFile[]
  /** What is compared; null where the sides have no moment in common, or one does not say when. */
  overlap: Window | null
  /** In ms, at either end of the overlap. */
  edge: number
  total: Counts
  /** By app and command. */
  commands: ComparedCommand[]
  /** The earliest. */
  missing: MissingCallback[]
  badLines: { count: number, examples: BadLine[] }
}

const usualEdge = 5_000
const usualExamples = 10
/** Of what is compared, the share at either end that counts as edge at most. */
const widestEdge = 0.1

/**
 * Compares what the controller received with what Baton accepted, by app, command and SHA-256 of the body, each as often as it came. Callbacks that cannot be told
 * apart are matched by their number. Keeps hashes and times only. Throws BAD_ARGUMENT where a file cannot be read.
 */
export async function compare (options: CompareOptions): Promise<Comparison> {
  const { edge: wanted = usualEdge, examples = usualExamples, distinct = false } = options
  const kinds = new Kinds()
  const sightings = new Sightings()
  const badLines: Comparison['badLines'] = { count: 0, examples: [] }
  const files: ComparedFile[] = []
  for (const side of sides) {
    for (const file of options[side]) {
      files.push(await readFile(side, file, callback => { sightings.add(side, { kind: kinds.of(callback), ...callback }) }, (line, problem) => {
        badLines.count += 1
        if (badLines.examples.length < examples) badLines.examples.push({ file, line, problem })
      }))
    }
  }

  const overlap = overlapOf(windowOf(files, 'received'), windowOf(files, 'accepted'))
  const edge = Math.min(wanted, overlap ? widestEdge * (overlap.to - overlap.from) : wanted)
  const placeOf = placeIn(overlap, edge)
  const total = noCounts()
  const commands = kinds.all.map(({ app, command }) => ({ app: app ?? null, command: command ?? null, ...noCounts() }))
  const missing = new Earliest(examples)
  for (const same of sightings.groups()) {
    const command = commands[same.kind]
    if (command === undefined) throw new RangeError('a callback is of no command')
    const found = match(same, placeOf, distinct)
    for (const counts of [total, command]) addUp(counts, found.counts)
    for (const { only, time } of found.missing) {
      missing.add({ only, app: command.app, command: command.command, sha256: same.digest.toString('hex'), time: Number.isNaN(time) ? null : time, times: { received: same.times.received.length, accepted: same.times.accepted.length } })
    }
  }
  return {
    isMatch: total.both > 0 && badLines.count === 0 && total.only.received.late === 0 && sides.every(side => total.only[side].missing === 0 && (overlap !== null || total.only[side].outside === 0)),
    files,
    overlap: overlap ?? null,
    edge,
    total,
    commands: commands.sort((one, other) => (one.app ?? 0) - (other.app ?? 0) || ((one.command ?? '') < (other.command ?? '') ? -1 : 1)),
    missing: missing.all,
    badLines
  }
}

async function readFile (side: Side, file: string, take: (callback: SeenCallback) => void, complain: (line: number, problem: string) => void): Promise<ComparedFile> {
  const read: ComparedFile = { side, file, callbacks: 0, probes: 0, badLines: 0, window: null }
  let window: Window | undefined
  try {
    for await (const lines of linesOf(file)) {
      for (const { number, bytes } of lines) {
        const found = bytes === undefined ? { problem: 'is too long for a callback' } : readLine(bytes)
        if (found === 'probe') read.probes += 1
        else if ('problem' in found) {
          read.badLines += 1
          complain(number, found.problem)
        } else {
          read.callbacks += 1
          window = spanning(window, found.callback.time)
          take(found.callback)
        }
      }
    }
  } catch (error) {
    throw new BatonError('BAD_ARGUMENT', `The file ${file} cannot be read (${error instanceof Error ? error.message : String(error)}).`, { cause: error })
  }
  return { ...read, window: window ?? null }
}

function windowOf (files: readonly ComparedFile[], of: Side): Window | undefined {
  let window: Window | undefined
  for (const { side, window: own } of files) {
    if (side === of && own !== null) window = spanning(spanning(window, own.from), own.to)
  }
  return window
}

/** Numbers for apps and commands. */
class Kinds {
  readonly all: Array<Pick<SeenCallback, 'app' | 'command'>> = []
  readonly #numbers = new Map<string, number>()

  of ({ app, command }: SeenCallback): number {
    const name = `${app} ${command}`
    let number = this.#numbers.get(name)
    if (number === undefined) {
      number = this.all.push({ app, command }) - 1
      this.#numbers.set(name, number)
    }
    return number
  }
}

/** The earliest of many, in their order. */
class Earliest {
  readonly #most: number
  #kept: MissingCallback[] = []

  constructor (most: number) {
    this.#most = most
  }

  add (callback: MissingCallback): void {
    this.#kept.push(callback)
    if (this.#kept.length > 2 * this.#most + 100) this.#kept = this.all
  }

  get all (): MissingCallback[] {
    return [...this.#kept].sort((one, other) => (one.time ?? 0) - (other.time ?? 0)).slice(0, this.#most)
  }
}
