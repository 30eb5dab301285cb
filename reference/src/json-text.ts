const width = 110

/** JSON for people: what is short stands on one line. */
export function jsonText (value: unknown, indent = ''): string {
  const short = oneLine(value)
  if (typeof value !== 'object' || value === null || (indent !== '' && indent.length + short.length <= width)) return short
  const inner = `${indent}  `
  const lines = Array.isArray(value)
    ? value.map(item => jsonText(item, inner))
    : Object.entries(value).map(([name, item]) => `${JSON.stringify(name)}: ${jsonText(item, inner)}`)
  const [open, close] = Array.isArray(value) ? '[]' : '{}'
  return `${open}\n${lines.map(line => inner + line).join(',\n')}\n${indent}${close}`
}

function oneLine (value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(oneLine).join(', ')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const fields = Object.entries(value).map(([name, item]) => `${JSON.stringify(name)}: ${oneLine(item)}`)
  return fields.length === 0 ? '{}' : `{ ${fields.join(', ')} }`
}
