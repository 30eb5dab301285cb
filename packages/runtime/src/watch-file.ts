import { stat } from 'node:fs/promises'

/** ms between two looks. A look works where notifications do not: on network disks, with mounted files, and with the symbolic links of a ConfigMap. */
const interval = 1_000

/** Tells when a file has changed, or was replaced, or is gone, once it has rested from one look to the next: one that is being written is half of what it is going to be. */
export function watchFile (file: string, onChange: () => void): { close: () => void } {
  let known: string | undefined
  let before: string | undefined
  let looking = false
  const look = async () => {
    if (looking) return
    looking = true
    const now = await stat(file).then(({ mtimeMs, ctimeMs, size, ino }) => `${mtimeMs} ${ctimeMs} ${size} ${ino}`, () => 'gone')
    looking = false
    known ??= now
    const isAtRest = now === before
    before = now
    if (now === known || !isAtRest) return
    known = now
    onChange()
  }
  void look()
  const timer = setInterval(() => { void look() }, interval).unref()
  return { close: () => { clearInterval(timer) } }
}
