import type { JournalledEvent } from '@baton/contracts'
import type { ChainableCommander } from 'ioredis'

/** Where an event stands. */
export type Position = Pick<JournalledEvent, 'journal' | 'seq'>

/** Events in one bitmap: 8 KB of bits. */
export const chunkSize = 65_536

export const chunkOf = (seq: number): number => Math.floor(seq / chunkSize)

/** The last number of a chunk. */
export const endOfChunk = (chunk: number): number => (chunk + 1) * chunkSize - 1

/** Positions that share a bitmap, with their places in it. */
export function * byBitmap<P extends Position> (positions: readonly P[]): Generator<{ journal: string, chunk: number, group: { position: P, place: number }[] }> {
  const groups = new Map<string, { journal: string, chunk: number, group: { position: P, place: number }[] }>()
  for (const position of positions) {
    const { journal, seq } = position
    const chunk = chunkOf(seq)
    const name = `${journal}:${chunk}`
    let group = groups.get(name)
    if (group === undefined) groups.set(name, group = { journal, chunk, group: [] })
    group.group.push({ position, place: seq % chunkSize })
  }
  yield * groups.values()
}

type KeyOf = (journal: string, chunk: number) => string

/** Adds the commands that set the bits of these positions: one for each bitmap, as a command for each bit costs its sender far more. */
export function setBits (pipeline: ChainableCommander, keyOf: KeyOf, positions: readonly Position[], value: 0 | 1 = 1): void {
  for (const { journal, chunk, group } of byBitmap(positions)) {
    pipeline.call('BITFIELD', keyOf(journal, chunk), ...group.flatMap(({ place }) => ['SET', 'u1', place, value]))
  }
}

/** The same as what a script of ours is given: for each bitmap its key and the places in it. */
export const bitPlaces = (keyOf: KeyOf, positions: readonly Position[]): { key: string, places: number[] }[] =>
  [...byBitmap(positions)].map(({ journal, chunk, group }) => ({ key: keyOf(journal, chunk), places: group.map(({ place }) => place) }))

/** Bits are numbered as SETBIT does: the first one is the highest of the first byte. */
export const isSet = (bits: Buffer, place: number): boolean => ((bits[place >> 3] ?? 0) & (0x80 >> (place & 7))) !== 0

export function set (bits: Buffer, place: number): void {
  bits[place >> 3] = (bits[place >> 3] ?? 0) | (0x80 >> (place & 7))
}

/** Two bitmaps byte by byte; where one ends, it has zeros. */
export function combine (a: Buffer, b: Buffer, each: (a: number, b: number) => number): Buffer {
  const bits = Buffer.alloc(Math.max(a.length, b.length))
  for (let at = 0; at < bits.length; at++) bits[at] = each(a[at] ?? 0, b[at] ?? 0)
  return bits
}

/** The numbers of a chunk whose bits are set, from `first` to `last`. */
export function * numbersIn (bits: Buffer, chunk: number, first: number, last: number): Generator<number, void> {
  const start = chunk * chunkSize
  const end = Math.min(last, endOfChunk(chunk), start + bits.length * 8 - 1)
  for (let seq = Math.max(first, start); seq <= end; seq++) {
    if (isSet(bits, seq - start)) yield seq
    else if ((seq & 7) === 0 && bits[(seq - start) >> 3] === 0) seq += 7 // an empty byte
  }
}
