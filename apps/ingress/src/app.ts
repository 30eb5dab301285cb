import type { Socket } from 'node:net'
import { acknowledgement, isBeforeCommand, readCallbackQuery, refusalEnvelope, refusals, withoutSign, type CallbackQuery, type Event, type Refusal, type RefusalKindWith } from '@baton/contracts'
import type { QuarantinedKind } from '@baton/queue'
import type { AppsSettings, Logger } from '@baton/runtime'
import { LogController, fastify, type FastifyBaseLogger, type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import { admission } from './admit.ts'
import type { IngressMetrics } from './ingress-metrics.ts'
import type { Quarantine } from './quarantine-handover.ts'
import { commandIn, readCallback } from './read-callback.ts'
import { receiptClock } from './receipt-clock.ts'
import { WronglySigned } from './wrongly-signed.ts'

export interface IngressOptions {
  apps: AppsSettings
  /** Path of the callback URL. */
  path: string
  /** Resolves once the event is kept; only then is the callback acknowledged. */
  append: (event: Event) => Promise<void>
  /** What stands in the way of appending now, or nothing. */
  obstacle: () => Promise<string | undefined>
  quarantine: Quarantine
  metrics: IngressMetrics
  log: Logger
}

/** What admission found in the query. */
interface Admitted {
  appId: number
  rawQuery: string
  query: CallbackQuery
  /** It is wrongly signed, and its body is read for the quarantine alone. */
  refusal: Refusal<RefusalKindWith<401>> | undefined
}

declare module 'fastify' {
  interface FastifyRequest {
    /** There once the body may be read. */
    admitted: Admitted | null
  }
}

/** Largest body that is accepted, in bytes. */
const bodyLimit = 1_048_576

/** How long a client may take to send a callback, in ms; Tencent takes milliseconds. */
const requestTimeout = 10_000

/** How many connections are held at once; each may hold one body in memory. */
const mostConnections = 4_096

/** ms that callbacks which are still arriving have, once we close. */
const closingPatience = 5_000

/** Seconds after which a refused callback may come again. */
const retryAfter = '2'

/** Builds the ingress: admit by the query, read the body, append, acknowledge. */
export function buildIngress ({ apps, path, append, obstacle, quarantine, metrics, log }: IngressOptions) {
  const loggerInstance: FastifyBaseLogger = log
  const ingress = fastify({
    loggerInstance,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit,
    requestTimeout,
    frameworkErrors: (_error, _request, reply) => {
      reply.hijack()
      reply.raw.writeHead(refusals['unknown-path'].status, { 'content-type': 'application/json' })
        .end(JSON.stringify(refusalEnvelope({ kind: 'unknown-path', info: 'the URL is not well-formed; mend the callback URL in the console' })))
    },
    clientErrorHandler: answerMalformed,
    return503OnClosing: false, // a callback on an open connection is still answered while we close
    forceCloseConnections: 'idle',
    routerOptions: { maxParamLength: 1_024, querystringParser: () => ({}) } // the query is read once, by readCallbackQuery
  })
  ingress.server.maxConnections = mostConnections
  closeConnectionsInTime(ingress)
  const admit = admission(apps)
  const receivedAt = receiptClock()
  const wronglySigned = new WronglySigned(log)

  const refuse = (request: FastifyRequest, reply: FastifyReply, refusal: Refusal) => {
    const { status, code } = refusals[refusal.kind]
    metrics.refused.inc({ code })
    request.log.warn({ code, info: refusal.info }, 'callback refused')
    if (status === 405) reply.header('allow', 'POST')
    if (status === 503) reply.header('retry-after', retryAfter)
    return reply.code(status).send(refusalEnvelope(refusal))
  }

  /** Keeps what was not relayed but may be wanted; the answer never waits for it. */
  const keep = ({ appId, rawQuery }: Admitted, { kind, info }: Refusal<QuarantinedKind>, command: string | undefined, body: Buffer) => {
    metrics.quarantined.inc({ kind })
    quarantine.handOver({ kind, app: appId, info, command, query: withoutSign(rawQuery), receivedAt: receivedAt(), body })
  }

  const lose = ({ kind }: Refusal<QuarantinedKind>) => {
    metrics.quarantined.inc({ kind })
    quarantine.lose()
  }

  /** A before-callback asks for a decision: it gets one whatever became of the event. */
  const allow = (request: FastifyRequest, reply: FastifyReply, why: string) => {
    metrics.allowedUnkept.inc()
    request.log.error({ why }, 'a before-callback was allowed, but its event may be lost')
    return reply.send(acknowledgement)
  }

  // Any Content-Type, valid or not, or none: the body is taken as bytes.
  ingress.removeAllContentTypeParsers()
  ingress.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => { done(null, body) })

  ingress.addHook('onRequest', async (request, reply) => {
    delete request.raw.headers['content-type']
    if (!request.is404) return
    const refusal: Refusal = request.method === 'POST'
      ? { kind: 'unknown-path', info: `callbacks are received at the path ${path}; mend the callback URL in the console, or set INGRESS_PATH` }
      : { kind: 'not-post', info: 'callbacks are sent with POST' }
    return refuse(request, reply, refusal)
  })

  ingress.setErrorHandler((error, request, reply) => {
    const refusal = request.admitted?.refusal
    if (refusal !== undefined) {
      lose(refusal)
      return request.raw.readableAborted ? reply : refuse(request, reply, refusal)
    }
    if (isBeforeCommand(request.admitted?.query.command ?? '')) return allow(request, reply, error instanceof Error ? error.message : String(error))
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    if (code === 'FST_ERR_CTP_BODY_TOO_LARGE') {
      return refuse(request, reply, { kind: 'body-too-large', info: `the body is larger than ${bodyLimit} bytes` })
    }
    if (code === 'FST_ERR_CTP_INVALID_CONTENT_LENGTH') {
      return refuse(request, reply, { kind: 'not-json-object', info: 'the body is not as long as Content-Length says' })
    }
    if (request.raw.readableAborted) {
      request.log.debug('a client hung up before its callback was whole')
      return reply
    }
    request.log.error({ err: error }, 'a callback met an unexpected error')
    return refuse(request, reply, { kind: 'not-durable', info: 'an unexpected error; the callback may not have been kept' })
  })

  ingress.decorateRequest('admitted', null)
  ingress.post<{ Body: Buffer | undefined }>(path, {
    onRequest: async (request, reply) => {
      const rawQuery = queryOf(request.raw.url ?? '')
      const query = readCallbackQuery(rawQuery)
      const { app, refusal } = admit(query, Date.now())
      if (app === undefined) return refuse(request, reply, refusal)
      if (refusal !== undefined) {
        if (!wronglySigned.admit(app.sdkAppId, refusal)) {
          lose(refusal)
          return refuse(request, reply, refusal)
        }
        reply.raw.once('close', () => { wronglySigned.done() })
      }
      request.admitted = { appId: app.sdkAppId, rawQuery, query, refusal }
    }
  }, async (request, reply) => {
    const started = performance.now()
    const received = request.admitted
    if (received === null) throw new Error('a callback reached its handler without having been admitted')
    const body = request.body ?? Buffer.alloc(0)
    if (received.refusal !== undefined) {
      keep(received, received.refusal, commandIn(received.query), body)
      return refuse(request, reply, received.refusal)
    }
    const read = readCallback({ ...received, body }, receivedAt)
    if ('refusal' in read) {
      keep(received, read.refusal, read.command, body)
      if (isBeforeCommand(received.query.command ?? '')) return allow(request, reply, read.refusal.info)
      return refuse(request, reply, read.refusal)
    }

    const { event, verdict } = read
    if (verdict.kind === 'drift') {
      metrics.drift.inc()
      request.log.warn({ event: event.id, command: event.command, field: verdict.field, problem: verdict.problem }, 'a callback deviates from its documentation; it is relayed as it came')
    }
    try {
      await append(event)
    } catch (error) {
      request.log.error({ err: error, event: event.id, command: event.command }, 'an event could not be kept')
      if (isBeforeCommand(event.command)) return allow(request, reply, 'the event could not be kept')
      return refuse(request, reply, { kind: 'not-durable', info: 'the event cannot be kept at the moment; send it again' })
    }
    metrics.accepted.inc({ known: String(verdict.kind !== 'unknown-command') })
    metrics.ackSeconds.observe((performance.now() - started) / 1_000)
    request.log.debug({ event: event.id, app: event.appId, command: event.command }, 'callback accepted')
    return reply.send(acknowledgement)
  })

  ingress.get('/livez', async (_request, reply) => reply.type('text/plain').send('alive\n'))
  ingress.get('/readyz', async (_request, reply) => {
    const inTheWay = await obstacle()
    return reply.code(inTheWay === undefined ? 200 : 503).type('text/plain').send(`${inTheWay ?? 'ready'}\n`)
  })
  ingress.get('/metrics', async (_request, reply) => reply.type('text/plain; version=0.0.4; charset=utf-8').send(await metrics.text()))
  return ingress
}

/** While closing: Node closes the connections that are idle at that moment, but not those whose last answer was on its way, nor clients that stopped in mid-body. */
function closeConnectionsInTime (ingress: FastifyInstance): void {
  ingress.addHook('preClose', async () => {
    const sweep = setInterval(() => { ingress.server.closeIdleConnections() }, 100)
    const end = setTimeout(() => { ingress.server.closeAllConnections() }, closingPatience)
    ingress.server.once('close', () => {
      clearInterval(sweep)
      clearTimeout(end)
    })
  })
}

/** What is no HTTP, or takes too long, gets the envelope too. */
function answerMalformed (error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy()
  const [status, info] = error.code === 'HPE_HEADER_OVERFLOW'
    ? ['431 Request Header Fields Too Large', 'the headers are larger than 16 KB']
    : error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
      ? ['408 Request Timeout', `the callback was not whole within ${requestTimeout} ms`]
      : ['400 Bad Request', 'this is not HTTP']
  const body = JSON.stringify(refusalEnvelope({ kind: 'not-json-object', info }))
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`)
}

/** The query string of a URL as it came, without the `?`. */
function queryOf (url: string): string {
  const mark = url.indexOf('?')
  return mark < 0 ? '' : url.slice(mark + 1)
}
