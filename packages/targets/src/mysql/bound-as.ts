import mysql2 from 'mysql2' // CommonJS, whose TypedParameter is no named export
import type { Bound } from '../sql/statements/source.ts'
import { datetimeOf } from './datetime-of.ts'

/** Beyond these a number is no BIGINT. */
const [least, most, mostUnsigned] = [-(2n ** 63n), 2n ** 63n - 1n, 2n ** 64n - 1n]

/** As the type that it is: MySQL compares a text with a number as floating points, which have 53 bits. */
export function boundAs (value: Bound) {
  if (typeof value !== 'object' || value === null) return value
  if ('time' in value) return datetimeOf(value.time)
  const { number } = value
  if (/^-?\d{1,20}$/.test(number)) {
    const integer = BigInt(number)
    if (integer >= least && integer <= most) return mysql2.TypedParameter.LONGLONG(integer)
    if (integer > most && integer <= mostUnsigned) return mysql2.TypedParameter.LONGLONG.unsigned(integer)
  }
  return /^-?\d{1,35}(\.\d{1,30})?$/.test(number) ? mysql2.TypedParameter.NEWDECIMAL(number) : number
}
