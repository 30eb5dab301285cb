import { Draft } from './draft.ts'
import type { Randomness } from './randomness.ts'
import { malformed } from './verdict.ts'
import { bytesOf, expectedOf, type FuzzCase } from './wire.ts'

/** They take many seconds each, so there are few of them, and all are sent at the same time. */
export const isSlow = (number: number): boolean => number % 1_000 === 999

/** A request that takes its time: so much that it is refused, or almost. */
export function slowCase (random: Randomness, number: number, now: number): FuzzCase {
  const draft = new Draft(random, number, now)
  const head = bytesOf(`${draft.head([`Content-Length: ${draft.body.length}`])}\r\n`)
  const [name, ...parts] = random.pick<[string, ...Buffer[]]>([
    ['headers that never end', head.subarray(0, random.between(1, head.length - 1))],
    ['a body that never ends', head, draft.body.subarray(0, random.below(draft.body.length))],
    ['a slow body', head, ...Array.from({ length: 8 }, (_, nth) => draft.body.subarray(nth * draft.body.length / 8, (nth + 1) * draft.body.length / 8))]
  ])
  return {
    number,
    changes: [`slow: ${name}`],
    steps: parts.flatMap(part => [{ send: part }, { wait: parts.length > 2 ? 600 : 1 }]),
    expected: [name === 'a slow body' ? expectedOf(draft) : { verdicts: [malformed(408)], bodyless: false }],
    coda: [],
    closer: name === 'a slow body' ? 'client' : 'server'
  }
}
