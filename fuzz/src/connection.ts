import { EventEmitter, once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import { AnswerReader, NoAnswer, type Answer } from './answer-reader.ts'
import type { FuzzCase, Step } from './wire.ts'

/** What came back. */
export interface Exchange {
  answers: Answer[]
  /** What is wrong with it already as HTTP, or with the connection; undefined where nothing is. */
  fault: string | undefined
  /** ms until it was over. */
  took: number
}

/** ms in which a case must be over. */
const patience = 25_000

const excerpt = (bytes: Buffer): string => JSON.stringify(bytes.toString('latin1', 0, 200))

/** A TCP connection to the ingress, on which bytes are sent as they are. */
export class Connection {
  /** Numbers of the cases that were sent on it. */
  readonly history: number[] = []
  readonly #socket: Socket
  /** Something came, or the connection ended. */
  readonly #news = new EventEmitter()
  #received: Buffer = Buffer.alloc(0)

  private constructor (socket: Socket) {
    this.#socket = socket
    socket.on('data', bytes => {
      this.#received = Buffer.concat([this.#received, bytes])
      this.#news.emit('news')
    })
    socket.on('close', () => { this.#news.emit('news') })
    socket.on('error', () => {}) // that it ended is seen; of what, is not the client's to judge
  }

  static async open (port: number): Promise<Connection> {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true })
    await once(socket, 'connect')
    return new Connection(socket)
  }

  get usable (): boolean {
    return this.#socket.readyState === 'open'
  }

  close (): void {
    this.#socket.destroy()
  }

  /** Sends a case, and waits for all that comes back. */
  async run ({ number, steps, expected, coda, closer }: FuzzCase): Promise<Exchange> {
    const started = performance.now()
    const answers: Answer[] = []
    const reader = new AnswerReader(expected.map(({ bodyless }) => bodyless))
    let fault = this.#received.length > 0 ? `bytes came before the request was sent: ${excerpt(this.#received)}` : undefined
    this.history.push(number)
    const timer = setTimeout(() => {
      fault ??= `it was not over after ${patience} ms`
      this.close()
    }, patience)
    const sent = this.#send(steps, () => answers.length > 0 || reader.continued)
    for (;;) {
      try {
        answers.push(...reader.read(this.#received))
        if (answers.length > expected.length + coda.length) throw new NoAnswer('there are more answers than requests')
      } catch (error) {
        fault ??= `${error instanceof Error ? error.message : String(error)}: ${excerpt(reader.rest)}`
        this.close()
      }
      this.#received = Buffer.alloc(0)
      if (this.#socket.closed) break
      if (answers.length >= expected.length && closer !== 'server' && answers.at(-1)?.headers.get('connection') !== 'close') break
      await once(this.#news, 'news')
    }
    if (closer === 'client') this.close()
    await sent
    clearTimeout(timer)
    if (reader.rest.length > 0) fault ??= `bytes came that are no whole answer: ${excerpt(reader.rest)}`
    return { answers, fault, took: performance.now() - started }
  }

  async #send (steps: readonly Step[], answered: () => boolean): Promise<void> {
    const socket = this.#socket
    for (const step of steps) {
      if (!socket.writable) return
      if (step === 'await') {
        while (!answered() && !socket.closed) await once(this.#news, 'news')
      } else if (step === 'half-close') socket.end()
      else if (step === 'reset') socket.resetAndDestroy()
      else if ('wait' in step) await wait(step.wait)
      else await new Promise<void>(resolve => { socket.write(step.send, () => { resolve() }) })
    }
  }
}
