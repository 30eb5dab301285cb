// Receives Baton's events: verifies them on the raw bytes, drops repeats, parses, works, and only then answers 2xx.
// Put your own work into `handle`. What Baton expects, and what it makes of each status: docs/receivers.md
//
//   WEBHOOK_SECRETS="whsec_..." TENCENT_TOKENS="..." node receiver.ts      style baton at /baton, style tencent at /tencent
//
// Node 22.18 and 24 run it as it is; for Node 20 compile it first: `npx tsc` in this folder makes dist/receiver.js. No dependencies, but for
// the compiler typescript and @types/node.
import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import { appendFile } from 'node:fs/promises'
import { createServer, type IncomingHttpHeaders, type IncomingMessage } from 'node:http'

const { PORT = '7090', EVENTS_FILE = 'events.log', WEBHOOK_SECRETS = '', TENCENT_TOKENS = '' } = process.env

/** Several while rotating, separated by spaces. Where there are none, nothing is accepted. */
const keys = WEBHOOK_SECRETS.split(' ').filter(Boolean).map(keyOf)
const tokens = TENCENT_TOKENS.split(' ').filter(Boolean)

/** Baton takes no callback that is longer. In bytes. */
const longestBody = 1024 * 1024

interface Event {
  /** The same for each repeat; undefined where nothing tells a repeat from a second occurrence. */
  id: string | undefined
  command: string
  /** Check what you rely on: Tencent sends what it does not document, and leaves out what it does. */
  body: Record<string, unknown>
}

/** Your work. What it throws is answered 500, and Baton tries again. */
async function handle ({ id = '', command, body }: Event): Promise<void> {
  await appendFile(EVENTS_FILE, `${id} ${command} ${JSON.stringify(body)}\n`)
}

const done = new Map<string, Promise<void>>()

/**
 * In production the ids belong into your database, into the very transaction of the work: then both are kept or neither, whatever crashes.
 *
 *   BEGIN; INSERT INTO handled (id) VALUES ($1) ON CONFLICT DO NOTHING;   -- no row inserted: a repeat, nothing is left to do
 *   ...the work...; COMMIT;                                               -- and only then the answer
 *
 * This map is forgotten with the process, grows for ever, and no second process knows of it.
 */
async function once (event: Event): Promise<void> {
  const { id } = event
  if (id === undefined) return await handle(event)
  let working = done.get(id)
  if (working === undefined) {
    working = handle(event)
    done.set(id, working)
    working.catch(() => done.delete(id)) // what failed is not done
  }
  await working // a repeat that comes meanwhile shares the outcome
}

/** Style baton, https://www.standardwebhooks.com: the signature covers id, timestamp and body, and none of the baton-* headers. */
function verifyBaton (headers: IncomingHttpHeaders, body: Buffer): { id: string, command: string } {
  const [id, timestamp, signatures, command] = ['webhook-id', 'webhook-timestamp', 'webhook-signature', 'baton-command'].map(name => String(headers[name] ?? ''))
  if (!id || !timestamp || !signatures || !command) throw new Refused(401, 'not signed, or not by Baton')
  const given = signatures.split(' ')
  const expected = keys.map(key => `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.`).update(body).digest('base64')}`)
  if (!expected.some(one => given.some(other => sameText(one, other)))) throw new Refused(401, 'no signature with a known secret')
  if (!isWithin(300, timestamp)) throw new Refused(401, 'signed too long ago or in the future; check the clocks')
  return { id, command }
}

/**
 * Style tencent, https://intl.cloud.tencent.com/document/product/1047/34354: Sign covers neither the body nor the other parameters. Whoever
 * has seen one can send anything with it while it is fresh, so that time is short, and TLS must do the rest.
 */
function verifyTencent (query: URLSearchParams): void {
  const [sign, time] = [query.get('Sign'), query.get('RequestTime')]
  if (!sign || !time) throw new Refused(401, 'not signed')
  if (!tokens.some(token => sameText(sign, createHash('sha256').update(token + time).digest('hex')))) throw new Refused(401, 'not signed with a known token')
  if (!isWithin(60, time)) throw new Refused(401, 'signed too long ago or in the future; check the clocks')
}

/** Style tencent has no ids: a repeat is the same body with an EventTime in it, or else the same body with the same RequestID. */
function tencentEvent (query: URLSearchParams, bytes: Buffer, body: Event['body']): Event {
  const command = query.get('CallbackCommand') ?? String(body.CallbackCommand)
  const occurrence = /^\d{1,15}$/.test(String(body.EventTime)) ? 'EventTime' : query.get('RequestID') || query.get('RequestId')
  const id = occurrence ? createHash('sha256').update(`${query.get('SdkAppid')} ${command} ${occurrence} `).update(bytes).digest('hex') : undefined
  return { id, command, body }
}

/** In a time that does not tell where they differ. */
function sameText (one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)]
  return a.length === b.length && timingSafeEqual(a, b)
}

function isWithin (seconds: number, timestamp: string): boolean {
  return /^\d{1,12}$/.test(timestamp) && Math.abs(Date.now() / 1000 - Number(timestamp)) <= seconds
}

function keyOf (secret: string): Buffer {
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64')
  if (!secret.startsWith('whsec_') || key.length < 18) throw new Error('WEBHOOK_SECRETS: a secret is whsec_ and at least 18 bytes in base64')
  return key
}

/** Integers that a number cannot hold become text: there are ids such as 144115212830834855, of which JSON.parse makes 144115212830834850. */
function parse (bytes: Buffer): Event['body'] {
  const text = bytes.toString('utf8').replace(/^\uFEFF/, '')
  let parsed: unknown
  try {
    parsed = JSON.parse(text)
  } catch {
    throw new Refused(400, 'the body is no JSON')
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) throw new Refused(400, 'the body is no JSON object')
  if (!/\d{16}/.test(text)) return { ...parsed }
  return JSON.parse(text.replace(/"[^"\\]*(?:\\.[^"\\]*)*"|-?\d[\d.eE+-]*/g, token =>
    /^-?\d+$/.test(token) && !Number.isSafeInteger(Number(token)) ? `"${token}"` : token))
}

/** As they came: JSON that was parsed and printed anew has other bytes, and no signature fits them. */
async function bytesOf (request: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = []
  let length = 0
  for await (const part of request.iterator({ destroyOnReturn: false })) {
    length += part.length
    if (length > longestBody) throw new Refused(413, 'the body is too long')
    parts.push(part)
  }
  return Buffer.concat(parts)
}

class Refused extends Error {
  readonly status: number
  constructor (status: number, message: string) {
    super(message)
    this.status = status
  }
}

async function receive (request: IncomingMessage): Promise<void> {
  const [, path, search] = /^([^?]*)\??(.*)$/.exec(request.url ?? '') ?? []
  if (path !== '/baton' && path !== '/tencent') throw new Refused(404, 'there is /baton and /tencent')
  if (request.method !== 'POST') throw new Refused(405, 'events are posted')
  const bytes = await bytesOf(request)
  if (path === '/baton') {
    await once({ ...verifyBaton(request.headers, bytes), body: parse(bytes) })
  } else {
    const query = new URLSearchParams(search)
    verifyTencent(query)
    await once(tencentEvent(query, bytes, parse(bytes)))
  }
}

const server = createServer((request, response) => {
  // Style tencent wants the envelope; to style baton the status is the whole answer.
  const answer = (status: number, problem: string) => {
    response.writeHead(status, { 'content-type': 'application/json', ...(status === 413 && { connection: 'close' }) })
      .end(JSON.stringify({ ActionStatus: status === 200 ? 'OK' : 'FAIL', ErrorInfo: problem, ErrorCode: status === 200 ? 0 : 1 }))
  }
  receive(request).then(() => answer(200, ''), (error: unknown) => {
    console.error(error instanceof Refused ? error.message : error)
    if (error instanceof Refused) answer(error.status, error.message)
    else answer(500, 'the work failed')
  })
})

server.listen(Number(PORT), '127.0.0.1', () => {
  const address = server.address()
  console.log(`waiting for events at http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : PORT}`)
})
