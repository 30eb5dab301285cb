import { closeSync, existsSync, openSync, readSync } from 'node:fs'

/** The lines of a file that somebody else is writing. */
export class GrowingFile {
  readonly #path: string
  readonly #chunk = Buffer.alloc(1 << 20)
  #offset = 0
  #rest = ''

  constructor (path: string) {
    this.#path = path
  }

  /** Whole lines that were written since the last call. */
  lines (): string[] {
    if (!existsSync(this.#path)) return []
    const lines: string[] = []
    const file = openSync(this.#path, 'r')
    for (let read = -1; read !== 0;) {
      read = readSync(file, this.#chunk, 0, this.#chunk.length, this.#offset)
      this.#offset += read
      const parts = (this.#rest + this.#chunk.toString('latin1', 0, read)).split('\n')
      this.#rest = parts.pop() ?? ''
      lines.push(...parts)
    }
    closeSync(file)
    return lines
  }
}
