/**
 * What was thrown, and where: `TypeError (my-target.js:12:5)`. Never its message, which may repeat what an event holds, as
 * that of JSON.parse does.
 */
export function describeThrown (thrown: unknown): string {
  if (!(thrown instanceof Error)) return `a ${thrown === null ? 'null' : typeof thrown} that is no Error`
  const name = /^[A-Za-z]\w{0,63}$/.test(thrown.name) ? thrown.name : 'Error'
  const code = 'code' in thrown && typeof thrown.code === 'string' && /^[A-Z][A-Z0-9_]{0,63}$/.test(thrown.code) ? ` ${thrown.code}` : ''
  const place = placeOf(thrown)
  return `${name}${code}${place === undefined ? '' : ` (${place})`}`
}

/** The first line of the stack that is in a file of somebody's own; after the message, which could hold what looks like one. */
function placeOf ({ stack, message }: Error): string | undefined {
  const from = typeof stack === 'string' && typeof message === 'string' ? stack.indexOf(message) : -1
  if (stack === undefined || from === -1) return undefined
  for (const [, place = ''] of stack.slice(from + message.length).matchAll(/^ {4}at (?:.*\()?(?:file:\/\/)?(\/[^()\n]*:\d+:\d+)\)?$/gm)) {
    if (!place.includes('/node_modules/')) return place.slice(place.lastIndexOf('/') + 1)
  }
  return undefined
}
