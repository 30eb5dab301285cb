/** Text that Markdown shows as it is. */
export const plain = (text: string): string => text.replaceAll(/[\\`*_{}[\]<>|~&]/g, '\\$&')

/** A table; cells are Markdown without line breaks. */
export function table (head: readonly string[], rows: ReadonlyArray<readonly string[]>): string {
  const line = (cells: readonly string[]) => `|${cells.map(cell => cell === '' ? ' ' : ` ${cell} `).join('|')}|`
  return [line(head), `|${head.map(() => '---').join('|')}|`, ...rows.map(line)].join('\n')
}

/** Where a heading can be jumped to: lower case, without what is no letter, digit, blank, hyphen or underscore. */
export const anchorOf = (heading: string): string => `#${heading.toLowerCase().replaceAll(/[^\p{L}\p{N} _-]/gu, '').replaceAll(' ', '-')}`
