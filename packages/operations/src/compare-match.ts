import { sides, type SameCallbacks, type Side } from './compare-sightings.ts'
import { places, type Place } from './compare-window.ts'

export interface Counts {
  callbacks: Record<Side, number>
  /** Those of them that had come before, with the same body. */
  repeats: Record<Side, number>
  both: number
  /** Those that only one side has, or has more often. */
  only: Record<Side, Record<Place, number>>
}

export interface Matched {
  counts: Counts
  missing: Array<{ only: Side, time: number }>
}

/** Callbacks that cannot be told apart are matched by their number; `distinct` counts them once. */
export function match ({ times }: SameCallbacks, placeOf: (time: number) => Place, distinct: boolean): Matched {
  const counted = (side: Side): number => distinct ? Math.min(1, times[side].length) : times[side].length
  const counts = { ...noCounts(), both: Math.min(counted('received'), counted('accepted')) }
  const missing: Matched['missing'] = []
  for (const side of sides) {
    counts.callbacks[side] = times[side].length
    counts.repeats[side] = Math.max(0, times[side].length - 1)
    const left = counted(side) - counts.both
    const placed = times[side].map(time => ({ time, place: placeOf(time) })).sort((one, other) => places.indexOf(one.place) - places.indexOf(other.place))
    // Which of several equal ones has no counterpart nobody can tell: those that need none come first. Where all count as one, it is the one that needs it most.
    for (const { time, place } of distinct ? placed.slice(placed.length - left) : placed.slice(0, left)) {
      counts.only[side][place] += 1
      if (place === 'missing') missing.push({ only: side, time })
    }
  }
  return { counts, missing }
}

export const noCounts = (): Counts => ({
  callbacks: { received: 0, accepted: 0 },
  repeats: { received: 0, accepted: 0 },
  both: 0,
  only: { received: noPlaces(), accepted: noPlaces() }
})

const noPlaces = (): Record<Place, number> => ({ outside: 0, late: 0, edge: 0, missing: 0 })

export function addUp (counts: Counts, more: Counts): void {
  counts.both += more.both
  for (const side of sides) {
    counts.callbacks[side] += more.callbacks[side]
    counts.repeats[side] += more.repeats[side]
    for (const place of places) counts.only[side][place] += more.only[side][place]
  }
}
