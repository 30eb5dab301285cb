import { eventKeysOf } from '@baton/contracts'
import type { DescribedCommand } from './described-commands.ts'

/** `A.0.B` is B of the first of A, `A+B` a pair; of several the first counts that the body has. */
export function orderingKeyInWords (places: readonly string[]): string {
  if (places.length === 0) return 'none'
  return places.map(place => {
    const [one = '', other] = place.split('+')
    return other === undefined ? placeInWords(one) : `the pair of ${placeInWords(one)} and ${placeInWords(other)}`
  }).join(', else ')
}

export function eventTimeInWords ({ command, entry: { eventTime }, example }: DescribedCommand): string {
  const place = `${placeInWords(eventTime.field)}, in ${eventTime.unit}`
  return eventKeysOf(command, example).eventTime === null ? `${place}; the documented example has none` : place
}

function placeInWords (path: string): string {
  const [list = '', field] = path.split('.0.')
  return field === undefined ? `\`${list}\`` : `\`${field}\` of the first of \`${list}\``
}
