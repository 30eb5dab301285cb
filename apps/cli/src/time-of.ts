import { millisecondsOf } from '@baton/runtime'
import { InvalidArgumentError } from 'commander'

/** ms since 1970 of `15m`, meaning 15 minutes ago, or of a time as ISO 8601 has it. */
export function timeOf (text: string): number {
  const time = /^\d{1,9}(ms|s|m|h|d)$/.test(text) ? Date.now() - millisecondsOf(text) : /^\d{4}-\d{2}-\d{2}T/.test(text) ? Date.parse(text) : NaN
  if (Number.isNaN(time)) throw new InvalidArgumentError('write how long ago, such as 15m, 2h or 1d, or a time such as 2026-11-20T08:00:00Z')
  return time
}
