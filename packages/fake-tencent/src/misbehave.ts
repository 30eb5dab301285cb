import { tencentQuery } from '@baton/contracts'
import type { FakeCallback } from './fake-tencent.ts'
import { Random } from './random.ts'

/** What may be wrong with a callback on purpose, and whether it is to be acknowledged all the same. */
export const misbehaviours = {
  stale: { what: 'signed a day ago', isAcknowledged: false },
  'wrong-sign': { what: 'signed with another token', isAcknowledged: false },
  unsigned: { what: 'not signed', isAcknowledged: false },
  repeat: { what: 'sent once more, after some others', isAcknowledged: true },
  shuffle: { what: 'sent after others that came later', isAcknowledged: true },
  cut: { what: 'broken off in the middle of the body', isAcknowledged: false },
  drift: { what: 'with fields that no edition documents', isAcknowledged: true }
} as const

export type Misbehaviour = keyof typeof misbehaviours

export const isMisbehaviour = (text: string): text is Misbehaviour => Object.hasOwn(misbehaviours, text)

/** A callback on its way, and what is wrong with it on purpose. */
export interface Sending {
  callback: FakeCallback
  misbehaviour?: Misbehaviour | undefined
}

export interface MisbehaveOptions {
  kinds: readonly Misbehaviour[]
  /** How many of the callbacks misbehave, from 0 to 1. */
  share?: number | undefined
  /** The same seed, the same misbehaviour. */
  seed?: number | undefined
}

/** How many others may come in between, before what waits is sent. */
const farthest = 16

/**
 * So many callbacks in turn, of which a share misbehaves, each in one way; those that are sent twice are one more. `next` is told whether
 * the body is to drift.
 */
export function * misbehaving (count: number, next: (options: { drift: boolean }) => FakeCallback, { kinds, share = 1, seed = 1 }: MisbehaveOptions): Generator<Sending> {
  const random = new Random(seed, 1)
  let waiting: Array<{ sending: Sending, due: number }> = []
  for (let nth = 0; nth < count; nth++) {
    const misbehaviour = kinds.length > 0 && random.chance(share) ? random.pick(kinds) : undefined
    const callback = next({ drift: misbehaviour === 'drift' })
    if (misbehaviour === 'repeat' || misbehaviour === 'shuffle') waiting.push({ sending: { callback, misbehaviour }, due: nth + random.between(1, farthest) })
    if (misbehaviour !== 'shuffle') yield { callback, misbehaviour: misbehaviour === 'repeat' ? undefined : misbehaviour }
    const due = waiting.filter(each => each.due <= nth)
    if (due.length === 0) continue
    waiting = waiting.filter(each => each.due > nth)
    for (const { sending } of due) yield sending
  }
  for (const { sending } of waiting.sort((one, other) => one.due - other.due)) yield sending
}

/** No window is as wide. In ms. */
const aDay = 24 * 3_600_000

/** The query string as it is sent now, `now` in ms since 1970: signed where there is a token, or as the misbehaviour has it. */
export function signedQuery ({ callback: { query }, misbehaviour }: Sending, token: string | undefined, now: number): string {
  switch (misbehaviour) {
    case 'unsigned': return tencentQuery(query, undefined, now)
    case 'wrong-sign': return tencentQuery(query, token === undefined ? undefined : `not ${token}`, now)
    case 'stale': return tencentQuery(query, token, now - aDay)
    default: return tencentQuery(query, token, now)
  }
}
