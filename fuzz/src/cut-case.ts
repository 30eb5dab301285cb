import { bodyLimit } from './change-bytes.ts'
import { Draft } from './draft.ts'
import { changedDraft } from './ordinary-case.ts'
import type { Randomness } from './randomness.ts'
import { malformed, silence } from './verdict.ts'
import { bytesOf, chunked, expectedOf, type FuzzCase } from './wire.ts'

type Cut = (random: Randomness, draft: Draft) => Pick<FuzzCase, 'steps' | 'expected' | 'closer'> & { coda?: FuzzCase['coda'] }

const framed = (draft: Draft): Buffer => Buffer.concat([bytesOf(`${draft.head([`Content-Length: ${draft.body.length}`])}\r\n`), draft.body])
const inChunks = (random: Randomness, draft: Draft): Buffer => Buffer.concat([bytesOf(`${draft.head(['Transfer-Encoding: chunked'])}\r\n`), chunked(random, draft.body)])
const eitherWay = (random: Randomness, draft: Draft): Buffer => random.chance(0.5) ? framed(draft) : inChunks(random, draft)

/** An answer that the client may see or not. */
function perhaps (draft: Draft): FuzzCase['expected'] {
  const { verdicts, bodyless } = expectedOf(draft)
  return [{ verdicts: [...verdicts, silence({ counted: verdicts.flatMap(({ traces }) => traces.counted), ...verdicts[0]?.traces })], bodyless }]
}

/** The same of half a request: only what is decided without the body is answered, and the ingress may see the half that came. */
function perhapsHalf (draft: Draft): FuzzCase['expected'] {
  const { verdicts, bodyless } = expectedOf(draft)
  const possible = verdicts.filter(({ ending }) => draft.body.length > bodyLimit || /^refused 40[1345]|^malformed/.test(ending))
  const half = malformed(400).traces
  return [{
    verdicts: [...possible.map(verdict => ({ ...verdict, perhaps: half })), silence({ counted: [...half.counted, ...possible.flatMap(({ traces }) => traces.counted)] })],
    bodyless
  }]
}

const refused = [{ verdicts: [malformed(400)], bodyless: false }]

const cuts: Record<string, readonly [weight: number, Cut]> = {
  'half-closed in the middle': [4, (random, draft) => {
    const bytes = eitherWay(random, draft)
    return { steps: [{ send: bytes.subarray(0, random.between(1, bytes.length - 1)) }, 'half-close'], expected: refused, closer: 'server' }
  }],
  'half-closed after its end': [2, (random, draft) => ({
    steps: [{ send: eitherWay(random, draft) }, 'half-close'],
    expected: perhaps(draft), // Node takes it for somebody who does not wait
    closer: 'server'
  })],
  'half-closed at once': [0.5, () => ({ steps: ['half-close'], expected: [{ verdicts: [silence()], bodyless: false }], closer: 'server' })],
  'connection lost in the middle': [4, (random, draft) => {
    const bytes = eitherWay(random, draft)
    return { steps: [{ send: bytes.subarray(0, random.between(1, bytes.length - 1)) }, { wait: random.below(5) }, 'reset'], expected: perhapsHalf(draft), closer: 'client' }
  }],
  'connection lost before the answer': [3, (random, draft) => ({
    steps: [{ send: eitherWay(random, draft) }, { wait: random.below(3) }, 'reset'], expected: perhaps(draft), closer: 'client'
  })],
  'Content-Length too large': [2, (random, draft) => ({
    steps: [{ send: bytesOf(`${draft.head([`Content-Length: ${draft.body.length + random.between(1, 1_000)}`])}\r\n`) }, { send: draft.body }, 'half-close'], expected: refused, closer: 'server'
  })],
  'Content-Length too small': [2, (random, draft) => {
    const size = random.below(draft.body.length)
    const { verdicts } = expectedOf(draft, { size, body: draft.body.subarray(0, size) })
    return {
      steps: [{ send: bytesOf(`${draft.head([`Content-Length: ${size}`])}\r\n${draft.body.toString('latin1')}`) }],
      expected: [{ verdicts, bodyless: false }],
      coda: [malformed(400)],
      closer: 'server'
    }
  }]
}

const weights = Object.entries(cuts).map(([name, [weight, make]]) => [weight, { name, make }] as const)

/** A request that does not come whole, or whose end is not where it says. */
export function cutCase (random: Randomness, number: number, now: number): FuzzCase {
  const { name, make } = random.weighted(weights)
  const draft = name.startsWith('connection lost') ? changedDraft(random, number, now) : new Draft(random, number, now)
  return { number, changes: [...draft.changes, `cut: ${name}`], coda: [], ...make(random, draft) }
}
