import { request as requestHttp, type Agent, type IncomingHttpHeaders } from 'node:http'
import { request as requestHttps } from 'node:https'
import { probeHeader, readEnvelope, readProbeReport, type Envelope, type ProbeReport } from '@baton/contracts'

export interface Answer {
  status: number
  headers: IncomingHttpHeaders
  /** Undefined where the answer is no envelope. */
  envelope: Envelope | undefined
  /** How the probe arrived; undefined where the answer does not say. */
  report: ProbeReport | undefined
  /** From the first byte sent to the last one received, connecting included, in ms. */
  took: number
  /** The query that was sent. */
  query: string
  /** Whether it came over a connection that had served before. */
  reused: boolean
  silence?: never
}

/** Why there was no answer. */
export interface Silence {
  silence: string
}

export interface Sending {
  url: URL
  body: string
  headers: Record<string, string>
  agent: Agent
  /** ms until the whole answer must be there. */
  patience: number
}

/** Bytes of an answer that are read: an envelope has some hundred. */
const mostRead = 65_536

/** POSTs as Tencent does: with a Content-Length and without a Content-Type, and without following anywhere. */
export async function exchange (sending: Sending): Promise<Answer | Silence> {
  const first = await post(sending)
  // A connection that has just been given up by the other side: no fault of anybody.
  return 'again' in first ? await post(sending) : first
}

async function post ({ url, body, headers, agent, patience }: Sending): Promise<Answer | Silence & { again?: true }> {
  return await new Promise(resolve => {
    const started = performance.now()
    const request = (url.protocol === 'https:' ? requestHttps : requestHttp)(url, {
      method: 'POST',
      agent,
      headers: { ...headers, 'content-length': Buffer.byteLength(body) }
    })
    const timer = setTimeout(() => { request.destroy(new Error(`no answer within ${patience / 1_000} s`)) }, patience)
    request.on('error', (error: NodeJS.ErrnoException) => {
      clearTimeout(timer)
      resolve({ silence: error.message || (error.code ?? 'the connection failed'), ...request.reusedSocket && error.code === 'ECONNRESET' ? { again: true } : {} })
    })
    request.on('response', response => {
      const chunks: Buffer[] = []
      let read = 0
      response.on('data', (chunk: Buffer) => {
        read += chunk.length
        if (read <= mostRead) chunks.push(chunk)
        else request.destroy()
      })
      response.on('error', () => {}) // what was read until then is the answer
      response.on('close', () => {
        clearTimeout(timer)
        const report = response.headers[probeHeader]
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          envelope: readEnvelope(Buffer.concat(chunks).toString('utf8')),
          report: readProbeReport(Array.isArray(report) ? report[0] : report),
          took: performance.now() - started,
          query: url.search.slice(1),
          reused: request.reusedSocket
        })
      })
    })
    request.end(body)
  })
}
