import type { Rule } from './rule.ts'

/** A batch tells the time of each of its events, in seconds; moderation, alarms and the switch for gifts tell none. */
const timeless = /^(?:Push|ContentCallback|Alert)\.|NotBlock$/

/**
 * In ms: a number in real callbacks, digits in text in the international examples; left out by older servers, and by the documentation of topics
 * and some others. In a plain scene as the example has it.
 */
export const eventTime: Rule = ({ setting: { plain, command, now }, random }, shown) => {
  if (timeless.test(command)) return undefined
  const missing = plain ? shown === undefined : random.chance(shown === undefined ? 0.6 : 0.1)
  if (missing) return undefined
  return (plain ? typeof shown === 'string' : random.chance(0.3)) ? String(now) : now
}
