/** One word of a POSIX shell, whatever it is made of. */
export const shellQuoted = (text: string): string =>
  /^[\w./:@-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`
