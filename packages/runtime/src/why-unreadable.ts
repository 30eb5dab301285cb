/** Why a file that a person named cannot be read, in words. */
export function whyUnreadable (error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : undefined
  const known = code === undefined ? undefined : reasons.get(code)
  return known === undefined ? code ?? String(error) : `${known} (${code})`
}

const reasons: ReadonlyMap<string, string> = new Map([
  ['ENOENT', 'there is no such file'],
  ['ENOTDIR', 'there is no such folder'],
  ['EISDIR', 'it is a folder'],
  ['EACCES', 'this user may not read it']
])
