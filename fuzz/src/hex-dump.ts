/** Bytes that are shown; the rest is only counted. */
const most = 2_048
const width = 16

/** Bytes for people: where, what, and as text. */
export function hexDump (bytes: Buffer): string {
  const lines: string[] = []
  for (let at = 0; at < Math.min(bytes.length, most); at += width) {
    const line = bytes.subarray(at, Math.min(at + width, most))
    lines.push(`${at.toString(16).padStart(6, '0')}  ${line.toString('hex').replaceAll(/../g, '$& ').padEnd(3 * width)} ${line.toString('latin1').replaceAll(/[^\x20-\x7E]/g, '.')}\n`)
  }
  return `${lines.join('')}${bytes.length > most ? `        and ${bytes.length - most} bytes more\n` : ''}`
}
