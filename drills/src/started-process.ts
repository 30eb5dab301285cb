import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'

const running = new Set<StartedProcess>()

// Whatever ends us ends what we started, each by its own id.
process.on('exit', () => { for (const started of running) started.signal('SIGKILL') })

/** A process that a drill started, and will end. */
export class StartedProcess {
  readonly #child: ChildProcess
  /** How it ended: a signal, or `code <n>`. */
  readonly exited: Promise<string>
  /** The same, once it has; undefined while it runs. */
  ending: string | undefined

  constructor (child: ChildProcess) {
    this.#child = child
    running.add(this)
    this.exited = once(child, 'exit').then(([code, signal]: unknown[]) => {
      running.delete(this)
      this.ending = typeof signal === 'string' ? signal : `code ${String(code)}`
      return this.ending
    })
    this.exited.catch(() => { running.delete(this) }) // it never started; whoever waits for it is told
  }

  get pid (): number | undefined {
    return this.#child.pid
  }

  signal (name: NodeJS.Signals): void {
    this.#child.kill(name)
  }

  /** Resolves once it is gone. */
  async end (name: NodeJS.Signals): Promise<string> {
    if (running.has(this)) this.signal(name)
    return await this.exited
  }

  tell (message: string): void {
    if (this.#child.connected) this.#child.send(message)
  }

  /** Resolves when it says over IPC that it is ready; rejects where it ends before. */
  async ready (): Promise<void> {
    const said = new Promise<void>(resolve => {
      this.#child.on('message', message => {
        if (message === 'ready' || (typeof message === 'object' && 'type' in message && message.type === 'ready')) resolve()
      })
    })
    const ended = this.exited.then(how => { throw new Error(`it ended before it was ready: ${how}`) })
    ended.catch(() => {}) // it ends sooner or later
    await Promise.race([said, ended])
  }
}
