import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Audit } from './audit.ts'
import type { Answer } from './answer-reader.ts'
import { Books } from './books.ts'
import { Connection, type Exchange } from './connection.ts'
import { judge } from './judge.ts'
import { makeCase } from './make-case.ts'
import { Recorder } from './recorder.ts'
import { Relay } from './relay.ts'
import { isSlow } from './slow-case.ts'
import type { FuzzCase } from './wire.ts'

export interface FuzzOptions {
  seed: number
  /** The number of the first case, and how many there are; each is a request or several. */
  from: number
  cases: number
  /** Sends those that take many seconds as well. */
  slow: boolean
  /** Aborted, it sends no more, judges no more, and ends everything that it started. */
  signal?: AbortSignal
  /** Told after each round. */
  onRound?: (state: { cases: number, requests: number, memory: number | undefined }) => void
  /** Told of each case and what came back. */
  onCase?: (fuzzCase: FuzzCase, exchange: Exchange) => void
  /** Sabotage, to see it noticed: changes the answers to a case. */
  distort?: (number: number, answers: Answer[]) => Answer[]
  /** Sabotage: the how many-eth delivery is not noted. */
  forget?: number
}

interface Complaint {
  /** The first case that may show it, and the last. */
  from: number
  to: number
  /** In words. */
  what: string
}

export interface FuzzResult {
  seed: number
  requests: number
  /** How they ended, and how often. */
  endings: ReadonlyMap<string, number>
  complaints: Complaint[]
  seconds: number
  /** ms until the slowest answer, slow requests aside. */
  longest: number
  /** MiB of the ingress that are no file's, after the first round and at the end; undefined where the system does not tell. */
  memory: { first: number | undefined, last: number | undefined }
  /** What it left, where something is wrong. */
  folder: string | undefined
}

/** Cases between two audits: as many as the quarantine certainly holds. */
const round = 4_000
/** After so many complaints nobody needs more. */
const enough = 25
/** MiB by which the memory of the ingress may grow after the first round. */
const mostGrowth = 512

/** Open at the same time. */
const connections = 32

/** Sends cases to a relay of its own, and holds everything that it answers, says and keeps against what it should. */
export async function runFuzz ({ seed, from, cases, slow, signal, onRound, onCase, distort = (_number, answers) => answers, forget = -1 }: FuzzOptions): Promise<FuzzResult> {
  const started = performance.now()
  const relay = await Relay.start(new Recorder({ forget }))
  const port = Number(new URL(relay.ingress.url).port)
  const books = new Books()
  const audit = new Audit(relay, books)
  const endings = new Map<string, number>()
  const complaints: Complaint[] = []
  const memory: FuzzResult['memory'] = { first: undefined, last: undefined }
  let [requests, longest] = [0, 0]
  const goesOn = () => complaints.length < enough && signal?.aborted !== true

  const runCase = async (connection: Connection, fuzzCase: FuzzCase): Promise<void> => {
    const { number, changes, steps, expected } = fuzzCase
    const exchange = await connection.run(fuzzCase)
    onCase?.(fuzzCase, exchange)
    const judgement = judge(fuzzCase, { ...exchange, answers: distort(number, exchange.answers) })
    books.note(number, judgement)
    requests += expected.length
    for (const { ending } of judgement.verdicts) endings.set(ending, (endings.get(ending) ?? 0) + 1)
    if (!isSlow(number)) longest = Math.max(longest, exchange.took)
    if (judgement.complaints.length === 0) return
    const file = join(relay.folder, `case-${number}.bin`)
    writeFileSync(file, Buffer.concat(steps.flatMap(step => typeof step === 'object' && 'send' in step ? [step.send] : [])))
    const before = connection.history.slice(-4, -1).join(', ')
    complaints.push({ from: number, to: number, what: `${judgement.complaints.join('; ')} [${changes.join(' and ') || 'unchanged'}; sent: ${file}${before === '' ? '' : `; before it on this connection: ${before}`}]` })
  }

  const runAll = async (numbers: readonly number[], connections: number): Promise<void> => {
    const left = [...numbers].reverse()
    await Promise.all(Array.from({ length: Math.min(connections, numbers.length) }, async () => {
      let connection: Connection | undefined
      for (let number = left.pop(); number !== undefined && goesOn(); number = left.pop()) {
        try {
          if (connection?.usable !== true) connection = await Connection.open(port)
          await runCase(connection, makeCase(seed, number, Math.floor(Date.now() / 1_000)))
        } catch (error) {
          complaints.push({ from: number, to: number, what: error instanceof Error ? error.stack ?? error.message : String(error) })
        }
      }
      connection?.close()
    }))
  }

  const look = async (numbers: readonly number[], audit: () => Promise<string[]>): Promise<void> => {
    if (signal?.aborted) return
    const [first = from, last = from] = [numbers[0], numbers.at(-1)]
    complaints.push(...(await audit()).map(what => ({ from: first, to: last, what })))
    memory.last = relay.memory()
    memory.first ??= memory.last
    onRound?.({ cases: last - from + 1, requests, memory: memory.last })
  }

  try {
    const numbers = Array.from({ length: cases }, (_, nth) => from + nth)
    const quick = numbers.filter(number => !isSlow(number))
    for (let at = 0; at < quick.length && goesOn(); at += round) {
      const some = quick.slice(at, at + round)
      await runAll(some, connections)
      await look(some, async () => await audit.round())
    }
    const late = slow ? numbers.filter(isSlow) : []
    await runAll(late, late.length)
    await look(numbers, async () => await audit.end())
    const { first = 0, last = 0 } = memory
    if (last - first > mostGrowth) complaints.push({ from, to: from + cases - 1, what: `the memory of the ingress grew from ${first} to ${last} MiB` })
  } catch (error) {
    complaints.push({ from, to: from + cases - 1, what: error instanceof Error ? error.stack ?? error.message : String(error) })
  } finally {
    await relay.close({ keep: complaints.length > 0 })
  }
  const folder = complaints.length > 0 ? relay.folder : undefined
  return { seed, requests, endings, complaints, seconds: Math.round((performance.now() - started) / 1_000), longest: Math.round(longest), memory, folder }
}
