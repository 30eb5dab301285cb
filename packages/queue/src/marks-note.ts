import { Type, type Static } from '@sinclair/typebox'
import { Value } from '@sinclair/typebox/value'
import type { Redis } from 'ioredis'
import { settledKey, targetsKey } from './names.ts'
import { chunkSize } from './settled-marks.ts'

/**
 * What is settled beyond the point up to which everything is, as it is noted in the journal: for each target its bitmaps, by the
 * number of the chunk, in base64. After a loss of Redis data it spares targets what they already had.
 */
export const MarksNote = Type.Object({
  targets: Type.Record(Type.String(), Type.Record(Type.String(), Type.String()))
})
export type MarksNote = Static<typeof MarksNote>

/** The note in a text, or an empty one where there is none that can be read. */
export function readMarksNote (text: string | undefined): MarksNote {
  try {
    return Value.Parse(MarksNote, JSON.parse(text ?? ''))
  } catch {
    return { targets: {} }
  }
}

/** The note as of now. Marks of the last one stay: what was settled once stays so, also where Redis has just lost it. */
export async function gatherMarks (redis: Redis, journal: string, { from, pointer }: { from: number, pointer: number }, last: MarksNote): Promise<MarksNote> {
  const targets: MarksNote['targets'] = {}
  const names = new Set([...Object.keys(last.targets), ...await redis.smembers(targetsKey)])
  for (const name of names) {
    const chunks: Record<string, string> = {}
    const first = Math.floor((from + 1) / chunkSize)
    const end = pointer > from ? Math.floor(pointer / chunkSize) + 1 : first
    for (let chunk = first; chunk < end; chunk++) {
      const held = await redis.getBuffer(settledKey(journal, name, chunk))
      const noted = last.targets[name]?.[String(chunk)]
      const bits = either(held ?? Buffer.alloc(0), Buffer.from(noted ?? '', 'base64'))
      if (bits.length > 0) chunks[String(chunk)] = bits.toString('base64')
    }
    targets[name] = chunks
  }
  return { targets }
}

/** Brings the marks of a note back into a Redis that lost them; marks that were set meanwhile stay. */
export async function restoreMarks (redis: Redis, journal: string, { targets }: MarksNote): Promise<void> {
  const names = Object.keys(targets)
  if (names.length === 0) return
  await redis.sadd(targetsKey, ...names)
  for (const [name, chunks] of Object.entries(targets)) {
    for (const [chunk, bits] of Object.entries(chunks)) {
      const key = settledKey(journal, name, Number(chunk))
      const replies = await redis.multi()
        .set(`${key}:noted`, Buffer.from(bits, 'base64'))
        .bitop('OR', key, key, `${key}:noted`)
        .del(`${key}:noted`)
        .exec()
      const refused = replies?.find(([error]) => error !== null)?.[0]
      if (replies === null || refused) throw refused ?? new Error('the transaction was aborted: the marks were not restored')
    }
  }
}

function either (a: Buffer, b: Buffer): Buffer {
  const bits = Buffer.alloc(Math.max(a.length, b.length))
  for (let at = 0; at < bits.length; at++) bits[at] = (a[at] ?? 0) | (b[at] ?? 0)
  return bits
}
