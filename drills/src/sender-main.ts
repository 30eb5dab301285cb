import { createWriteStream } from 'node:fs'
import { Agent, request } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import { Value } from '@sinclair/typebox/value'
import { callbackOf, query } from './callback.ts'
import { digestOf } from './digest-of.ts'
import { SenderOptions } from './sender-options.ts'

// An open loop: callbacks come at their rate, however slowly they are answered, as they do from Tencent.
const options = Value.Parse(SenderOptions, JSON.parse(process.argv[2] ?? ''))
const agent = new Agent({ keepAlive: true, maxSockets: 256 })
const log = createWriteStream(options.log)

/** Tencent hangs up after so many ms. */
const patience = 2_000
/** Tries at other ingresses where one refuses the connection. */
const mostTries = 20
/** Most callbacks that are made up for at once after this process itself was held up. */
const mostAtOnce = 600

type Answer = { kind: 'answered', code: number | string } | { kind: 'unanswered', reason: string }

function post (url: string, body: Buffer): Promise<Answer> {
  return new Promise(resolve => {
    const sending = request(`${url}?${query}`, { method: 'POST', agent, timeout: patience, headers: { 'content-type': 'application/json', 'content-length': body.length } }, response => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('end', () => { resolve({ kind: 'answered', code: errorCodeOf(Buffer.concat(chunks).toString()) ?? `http_${response.statusCode}` }) })
      response.on('error', error => { resolve({ kind: 'unanswered', reason: error.message }) })
    })
    sending.on('timeout', () => { sending.destroy(new Error('timeout')) })
    sending.on('error', error => { resolve({ kind: 'unanswered', reason: error.message.replaceAll(/\s+/g, '_') }) })
    sending.end(body)
  })
}

/** Undefined where the answer is no envelope: it is not the ingress's. */
function errorCodeOf (text: string): number | undefined {
  try {
    const envelope: unknown = JSON.parse(text)
    return typeof envelope === 'object' && envelope !== null && 'ErrorCode' in envelope && typeof envelope.ErrorCode === 'number' ? envelope.ErrorCode : undefined
  } catch {
    return undefined
  }
}

let preferred = 0
async function send (nth: number): Promise<void> {
  const { id, body } = callbackOf(options.run, nth, options.padding)
  const sentAt = Date.now()
  const started = performance.now()
  const url = (at: number) => options.urls[at % options.urls.length] ?? ''
  const tries = options.mode === 'fallback' ? mostTries : 1
  let answer: Answer = { kind: 'unanswered', reason: 'never_sent' }
  for (let tried = 0; tried < tries && answer.kind === 'unanswered'; tried++) {
    const at = options.mode === 'turns' ? nth : preferred
    answer = await post(url(at), body)
    if (answer.kind === 'answered' || options.mode === 'turns') continue
    if (preferred === at) preferred = at + 1
    await pause(5)
  }
  const took = Math.round(performance.now() - started)
  const [kind, detail] = answer.kind === 'unanswered' ? ['unanswered', answer.reason] : [answer.code === 0 ? 'acked' : 'refused', answer.code]
  log.write(`${kind} ${id} ${digestOf(body)} ${sentAt} ${took} ${detail}\n`)
}

const ordered = { stop: false }
process.on('message', message => { if (message === 'stop') ordered.stop = true })
process.once('disconnect', () => { process.exit(1) }) // nobody is left to stop us
process.send?.('ready')

const underWay = new Set<Promise<void>>()
let sent = 0
for (let debt = 0, last = performance.now(); !ordered.stop && sent !== options.count;) {
  await pause(5)
  const now = performance.now()
  debt = Math.min(debt + (now - last) / 1_000 * options.rate, mostAtOnce)
  last = now
  for (; debt >= 1 && sent !== options.count; debt -= 1) {
    const sending = send(sent++)
    underWay.add(sending)
    void sending.finally(() => underWay.delete(sending))
  }
}
await Promise.all(underWay)
agent.destroy()
log.end(() => { process.exit(0) })
