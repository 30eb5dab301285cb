import { refusals } from '@baton/contracts'
import type { FuzzResult } from './run-fuzz.ts'

/** How often each refusal must have been met, for a run to say anything. */
const leastOfEach = 100
/** A journal that is full or failing is the drills' affair: no request brings it about. */
const notOurs = refusals['not-durable'].code

/** Codes that were met less often than they should be. */
export const tooFew = (endings: FuzzResult['endings']): number[] =>
  Object.values(refusals).map(({ code }) => code).filter(code => code !== notOurs && (endings.get(`refused ${code}`) ?? 0) < leastOfEach)

/** What a run showed, for people. @param complete asks that every refusal was met often enough */
export function report ({ seed, requests, endings, complaints, seconds, longest, memory, folder }: FuzzResult, { complete }: { complete: boolean }): { text: string, passed: boolean } {
  const rows = [...endings].sort(([a], [b]) => a.localeCompare(b)).map(([ending, count]) => `${ending.padEnd(16)}${String(count).padStart(8)}`)
  const few = complete ? tooFew(endings) : []
  const wrong = [
    ...complaints.map(({ from, to, what }) => `${what}\n  again: npm run fuzz -- --seed ${seed} --case ${from === to ? from : `${from}-${to}`}`),
    ...few.map(code => `refused ${code}: ${endings.get(`refused ${code}`) ?? 0} times only, and should be ${leastOfEach} at the least`)
  ]
  const { first, last } = memory
  return {
    text: [
      ...rows,
      `${requests} requests in ${seconds} s with seed ${seed}; slowest answer ${longest} ms${first === undefined || last === undefined ? '' : `; memory of the ingress ${first} MiB after the first round, ${last} MiB at the end`}`,
      ...wrong,
      ...(folder === undefined ? [] : [`see ${folder}`]),
      wrong.length === 0 ? 'ok\n' : `FAILED: ${wrong.length} things are wrong\n`
    ].join('\n'),
    passed: wrong.length === 0
  }
}
