import { execFileSync } from 'node:child_process'
import { closeSync, mkdirSync, openSync, rmSync, statfsSync, writeSync } from 'node:fs'
import { join } from 'node:path'

const run = (program: string, ...options: string[]): void => { execFileSync(program, options, { stdio: ['ignore', 'ignore', 'pipe'] }) }

/** A small disk in memory that somebody else can fill. */
export class Tmpfs {
  readonly folder: string
  readonly #stranger: string
  #mounted = true

  private constructor (folder: string) {
    this.folder = folder
    this.#stranger = join(folder, 'of-somebody-else')
    process.once('exit', () => { this.unmount() }) // whatever ends us
  }

  /** Throws where this machine does not let us. @param size in MiB */
  static mount (folder: string, size: number): Tmpfs {
    mkdirSync(folder)
    try {
      run('mount', '-t', 'tmpfs', '-o', `size=${size}m`, 'baton-drill', folder)
    } catch (cause) {
      throw new Error('NOT DRILLED: no tmpfs can be mounted here; run this drill on Linux, as root', { cause })
    }
    return new Tmpfs(folder)
  }

  unmount (): void {
    if (!this.#mounted) return
    run('umount', '--lazy', this.folder)
    this.#mounted = false
  }

  /** Somebody else's file takes all but so many bytes. */
  fill (leave: number): void {
    const file = openSync(this.#stranger, 'a')
    try {
      for (let room = this.#free() - leave; room > 0; room = this.#free() - leave) writeSync(file, Buffer.alloc(Math.min(room, 1 << 20)))
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error // others were quicker
    } finally {
      closeSync(file)
    }
  }

  /** That file is gone. */
  clear (): void {
    rmSync(this.#stranger)
  }

  #free (): number {
    const { bavail, bsize } = statfsSync(this.folder)
    return bavail * bsize
  }
}
