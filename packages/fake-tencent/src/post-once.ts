import { request as httpRequest, type Agent } from 'node:http'
import { request as httpsRequest } from 'node:https'

/** Tencent hangs up after 2 s, so nobody should take longer. In ms. */
const patience = 2_000

export interface Posting {
  url: URL
  /** Keeps the connections. */
  agent: Agent
  headers: Readonly<Record<string, string>>
  body: Buffer
}

export interface Answer {
  status: number
  /** The ErrorCode of the envelope; undefined where the answer was none. */
  errorCode: number | undefined
  errorInfo: string
  /** From sending to the whole answer, in ms. */
  took: number
}

const open = ({ url, agent, headers }: Posting, length: number) =>
  (url.protocol === 'https:' ? httpsRequest : httpRequest)(url, { method: 'POST', agent, headers: { ...headers, 'content-length': length } })

/** Posts and waits for the whole answer. Throws where none comes in time, or breaks off. */
export async function postOnce (posting: Posting): Promise<Answer> {
  const started = performance.now()
  const request = open(posting, posting.body.length)
  const deadline = setTimeout(() => request.destroy(new Error(`no answer within ${patience / 1_000} s`)), patience)
  try {
    return await new Promise<Answer>((resolve, reject) => {
      request.on('error', reject).on('response', response => {
        const chunks: Buffer[] = []
        response.on('data', (chunk: Buffer) => chunks.push(chunk)).on('error', reject).on('end', () => {
          const fields = fieldsOf(Buffer.concat(chunks).toString())
          const code = fields.get('ErrorCode')
          resolve({
            status: response.statusCode ?? 0,
            errorCode: typeof code === 'number' ? code : undefined,
            errorInfo: String(fields.get('ErrorInfo') ?? 'the answer is no envelope'),
            took: performance.now() - started
          })
        })
      })
      request.end(posting.body)
    })
  } finally {
    clearTimeout(deadline)
  }
}

/** Posts half of the body and breaks the connection. */
export async function postHalf (posting: Posting): Promise<void> {
  const { body } = posting
  const half = body.length > 1 ? body.subarray(0, body.length >> 1) : Buffer.from('{')
  const request = open(posting, Math.max(body.length, 2))
  const deadline = setTimeout(() => request.destroy(), patience)
  await new Promise<void>(resolve => {
    request.on('error', () => {}).on('close', resolve)
    request.write(half, () => request.destroy())
  })
  clearTimeout(deadline)
}

/** The fields of a JSON object; none of anything else. */
function fieldsOf (text: string): Map<string, unknown> {
  try {
    const value: unknown = JSON.parse(text)
    return new Map(Object.entries(typeof value === 'object' && value !== null ? value : {}))
  } catch {
    return new Map()
  }
}
