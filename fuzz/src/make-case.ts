import { bodyLimit } from './change-bytes.ts'
import { brokenCase } from './broken-case.ts'
import { cutCase } from './cut-case.ts'
import { changedDraft, ordinaryCase } from './ordinary-case.ts'
import { pipelinedCase } from './pipelined-case.ts'
import { Randomness } from './randomness.ts'
import { isSlow, slowCase } from './slow-case.ts'
import { malformed } from './verdict.ts'
import { bytesOf, expectedOf, type FuzzCase } from './wire.ts'

/** Says that its body is larger than may be, and waits for the answer. */
function announcingCase (random: Randomness, number: number, now: number): FuzzCase {
  const draft = changedDraft(random, number, now)
  const size = random.pick([bodyLimit + 1, 2 * bodyLimit, 1e10, Number.MAX_SAFE_INTEGER])
  const expected = expectedOf(draft, { size })
  return {
    number,
    changes: [...draft.changes, `a body of ${size} bytes, announced`],
    steps: [{ send: bytesOf(`${draft.head([`Content-Length: ${size}`])}\r\n{`) }],
    expected: [{ ...expected, verdicts: expected.verdicts.map(verdict => ({ ...verdict, perhaps: malformed(400).traces })) }], // we do not send the rest
    coda: [],
    closer: 'client'
  }
}

const kinds = [[92.5, ordinaryCase], [2, pipelinedCase], [2.5, brokenCase], [2.5, cutCase], [0.5, announcingCase]] as const

/**
 * The case of a number: of one seed it is always the same, but for the times and signatures in it.
 * @param now s since 1970
 */
export function makeCase (seed: number, number: number, now: number): FuzzCase {
  const random = new Randomness(seed, number)
  return isSlow(number) ? slowCase(random, number, now) : random.weighted(kinds)(random, number, now)
}
