/** Text for a terminal: control characters, which may do anything to it, are escaped, except newline and tab. */
export const visible = (text: string): string =>
  text.replaceAll(/(?![\n\t])\p{Cc}/gu, character => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)
