/** From the first to the last, in ms since 1970. */
export interface Window {
  from: number
  to: number
}

/**
 * Where a callback stands that only one side has. missing: the other side should have it. edge: so near to where one side begins or ends that it may have come to
 * the other one just outside. late: the other side had ended by then. outside: it had not begun.
 */
export const places = ['outside', 'late', 'edge', 'missing'] as const
export type Place = (typeof places)[number]

/** What may be compared; null where the sides have no moment in common. Undefined where a side does not say when: then all is compared. */
export function overlapOf (one: Window | undefined, other: Window | undefined): Window | null | undefined {
  if (one === undefined || other === undefined) return undefined
  const overlap = { from: Math.max(one.from, other.from), to: Math.min(one.to, other.to) }
  return overlap.from > overlap.to ? null : overlap
}

export const spanning = (window: Window | undefined, time: number): Window | undefined =>
  Number.isNaN(time) ? window : { from: Math.min(time, window?.from ?? time), to: Math.max(time, window?.to ?? time) }

/** @param edge ms at either end of the overlap */
export function placeIn (overlap: Window | null | undefined, edge: number): (time: number) => Place {
  if (overlap === null) return () => 'outside'
  if (overlap === undefined) return () => 'missing'
  const { from, to } = overlap
  return time => time < from ? 'outside' : time > to + edge ? 'late' : time < from + edge || time > to - edge ? 'edge' : 'missing'
}
