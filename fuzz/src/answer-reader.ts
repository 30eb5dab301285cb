export interface Answer {
  status: number
  /** Names in lower case. */
  headers: ReadonlyMap<string, string>
  body: string
}

/** What came is no HTTP. */
export class NoAnswer extends Error {
  override readonly name = 'NoAnswer'
}

const end = Buffer.from('\r\n\r\n')
/** What is no HTTP, or too slow, has no method: also where it began with HEAD, its answer has a body. */
const malformed = [400, 408, 431]

/** Takes answers out of the bytes of a connection. Strict: it knows what the ingress should send, and nothing else. */
export class AnswerReader {
  readonly #bodyless: boolean[]
  #bytes: Buffer = Buffer.alloc(0)
  /** `100 Continue` has come. */
  continued = false

  /** @param bodyless of each answer to come, whether it has no body because HEAD asked for it */
  constructor (bodyless: readonly boolean[]) {
    this.#bodyless = [...bodyless]
  }

  /** Bytes that are not, or not yet, an answer. */
  get rest (): Buffer {
    return this.#bytes
  }

  /** Answers the answers that are whole now. Throws NoAnswer. */
  read (bytes: Buffer): Answer[] {
    this.#bytes = this.#bytes.length === 0 ? bytes : Buffer.concat([this.#bytes, bytes])
    const answers: Answer[] = []
    for (let answer = this.#next(); answer !== undefined; answer = this.#next()) {
      if (answer.status === 100) this.continued = true
      else {
        answers.push(answer)
        this.#bodyless.shift()
      }
    }
    return answers
  }

  #next (): Answer | undefined {
    const headEnd = this.#bytes.indexOf(end)
    if (headEnd < 0) return undefined
    const [first = '', ...lines] = this.#bytes.subarray(0, headEnd).toString('latin1').split('\r\n')
    const status = Number(/^HTTP\/1\.1 ([1-5]\d\d) [A-Z][A-Za-z -]+$/.exec(first)?.[1])
    if (Number.isNaN(status)) throw new NoAnswer('the status line is none')
    const headers = new Map<string, string>()
    for (const line of lines) {
      const [, name = '', value = ''] = /^([A-Za-z-]+): (.*)$/.exec(line) ?? []
      if (name === '' || headers.has(name.toLowerCase())) throw new NoAnswer(`a header line is none, or stands there twice: ${JSON.stringify(line)}`)
      headers.set(name.toLowerCase(), value)
    }
    const length = Number(headers.get('content-length') ?? (status === 100 ? 0 : NaN))
    if (Number.isNaN(length)) throw new NoAnswer('the answer has no Content-Length')
    const bodyEnd = headEnd + end.length + (this.#bodyless[0] === true && !malformed.includes(status) ? 0 : length)
    if (this.#bytes.length < bodyEnd) return undefined
    const body = this.#bytes.toString('utf8', headEnd + end.length, bodyEnd)
    this.#bytes = this.#bytes.subarray(bodyEnd)
    return { status, headers, body }
  }
}
