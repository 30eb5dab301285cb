/** Text for a terminal: characters that control it, or how text runs on it, are escaped, except newline and tab. */
export const visible = (text: string): string => text.replaceAll(/(?![\n\t])[\p{Cc}\p{Bidi_C}\u2028\u2029]/gu, escaped)

/** The same for what stands within a line. */
export const visibleInLine = (text: string): string => text.replaceAll(/[\p{Cc}\p{Bidi_C}\u2028\u2029]/gu, escaped)

const escaped = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
