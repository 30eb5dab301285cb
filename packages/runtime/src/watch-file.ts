import { statSync, type Stats } from 'node:fs'
import { stat } from 'node:fs/promises'

/** ms between two looks. A look works where notifications do not: on network disks, with mounted files, and with the symbolic links of a ConfigMap. */
const interval = 1_000

/** What tells one state of a file from another. */
export const stateOfFile = (file: string): string => described(statSync(file, { throwIfNoEntry: false }))

const described = (stats: Stats | undefined): string => stats === undefined ? 'gone' : `${stats.mtimeMs} ${stats.ctimeMs} ${stats.size} ${stats.ino}`

/** Tells when a file has changed, or was replaced, or is gone, once it has rested from one look to the next: one that is being written is half of what it is going to be. @param known its state when it was read */
export function watchFile (file: string, known: string, onChange: () => void): { close: () => void } {
  let before: string | undefined
  let looking = false
  const look = async () => {
    if (looking) return
    looking = true
    const now = await stat(file).then(described, () => described(undefined))
    looking = false
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
