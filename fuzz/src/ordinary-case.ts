import { changeBytes, bodyLimit, filledTo } from './change-bytes.ts'
import { changeHead } from './change-head.ts'
import { changeCommand, changeQuery } from './change-query.ts'
import { changeSignature } from './change-signature.ts'
import { changeTree } from './change-tree.ts'
import { Draft } from './draft.ts'
import type { Randomness } from './randomness.ts'
import { bytesOf, chunked, expectedOf, inPieces, type FuzzCase } from './wire.ts'

type Change = (draft: Draft) => void

/** In the order in which they are made: what changes bytes comes after what changes what they say. */
const changes: ReadonlyArray<readonly [weight: number, Change]> = [
  [12, draft => { draft.changes.push(`command: ${changeCommand(draft)}`) }],
  [30, draft => {
    const { name, tree } = changeTree(draft)
    draft.tree = tree
    draft.changes.push(`body: ${name}`)
  }],
  [2, draft => {
    draft.space = draft.random.pick([' ', '\n', '\r\n\t', ' '.repeat(50), '\u00A0', '\f'])
    draft.changes.push('body: other white space')
  }],
  [10, draft => {
    const { name, body } = changeBytes(draft.random, draft.body)
    draft.body = body
    draft.changes.push(`bytes: ${name}`)
  }],
  [0.5, draft => {
    draft.body = filledTo(draft.random, draft.body, bodyLimit + draft.random.pick([-1, 0, 0, 1, 1, 100, 200_000]))
    draft.changes.push(`a body of ${draft.body.length} bytes`)
  }],
  [7, draft => { draft.changes.push(`signature: ${changeSignature(draft)}`) }],
  [18, draft => { draft.changes.push(`query: ${changeQuery(draft)}`) }],
  [9, draft => { draft.changes.push(`head: ${changeHead(draft)}`) }]
]
const weights = changes.map(([weight], at) => [weight, at] as const)

/** How many things are changed at once. */
const counts = [[12, 0], [60, 1], [20, 2], [8, 3]] as const

/** An example, changed in some ways. */
export function changedDraft (random: Randomness, number: number, now: number): Draft {
  const draft = new Draft(random, number, now)
  const chosen = Array.from({ length: random.weighted(counts) }, () => random.weighted(weights)).sort((a, b) => a - b)
  for (const at of chosen) changes[at]?.[1](draft)
  return draft
}

/** Headers and the version of HTTP decide whether others may follow. */
export const isClosing = ({ headers, version }: Draft): boolean => version === 'HTTP/1.0' || headers.some(line => /^(Proxy-)?Connection: (close|Upgrade)|^Upgrade/im.test(line))

/** A request that is framed as it should be. */
export function ordinaryCase (random: Randomness, number: number, now: number): FuzzCase {
  const draft = changedDraft(random, number, now)
  const { body } = draft
  const expected = expectedOf(draft)
  const framing = draft.version === 'HTTP/1.0' ? 'length' : random.weighted([[75, 'length'], [15, 'chunks'], [5, 'continue'], [5, 'none']] as const)
  const inChunks = framing === 'chunks'
  const bodiless = framing === 'none' && body.length === 0
  const head = draft.head([
    ...(inChunks ? [random.pick(['Transfer-Encoding: chunked', 'transfer-encoding: CHUNKED'])] : bodiless ? [] : [`Content-Length: ${body.length}`]),
    ...(framing === 'continue' ? ['Expect: 100-continue'] : [])
  ])
  const [before, after] = [bytesOf(`${head}\r\n`), inChunks ? chunked(random, body) : body]
  return {
    number,
    changes: [...draft.changes, framing],
    steps: framing === 'continue' ? [{ send: before }, 'await', { send: after }] : random.chance(0.05) ? inPieces(random, Buffer.concat([before, after])) : [{ send: Buffer.concat([before, after]) }],
    expected: [expected],
    coda: [],
    closer: isClosing(draft) ? 'server' : 'nobody'
  }
}
