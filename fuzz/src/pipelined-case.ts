import { changedDraft, isClosing } from './ordinary-case.ts'
import type { Draft } from './draft.ts'
import type { Randomness } from './randomness.ts'
import { bytesOf, chunked, expectedOf, inPieces, type Expected, type FuzzCase } from './wire.ts'

/** What comes together must be small: the answer to a large body closes the connection. */
const mostBytes = 100_000

/** Several requests in a row, sent without waiting for answers. */
export function pipelinedCase (random: Randomness, number: number, now: number): FuzzCase {
  const drafts: Array<{ draft: Draft, expected: Expected }> = []
  for (let wanted = random.between(2, 6); drafts.length < wanted;) {
    const draft = changedDraft(random, number, now)
    const expected = expectedOf(draft)
    if (!isClosing(draft) && draft.body.length <= mostBytes && expected.verdicts.every(({ ending }) => !ending.startsWith('malformed'))) drafts.push({ draft, expected })
  }
  const bytes = Buffer.concat(drafts.flatMap(({ draft }) => random.chance(0.2)
    ? [bytesOf(`${draft.head(['Transfer-Encoding: chunked'])}\r\n`), chunked(random, draft.body)]
    : [bytesOf(`${draft.head([`Content-Length: ${draft.body.length}`])}\r\n`), draft.body]))
  return {
    number,
    changes: ['pipelined', ...drafts.map(({ draft }) => draft.changes.join(' and ') || 'nothing')],
    steps: random.chance(0.5) ? [{ send: bytes }] : inPieces(random, bytes),
    expected: drafts.map(({ expected }) => expected),
    coda: [],
    closer: 'nobody'
  }
}
