import type { Server } from 'node:http'
import { acknowledgement, isBeforeCommand, isKnownCommand, isReservedCommand, probeHeader, readCallbackQuery, refusalEnvelope, refusals, withoutSign, type Event, type Refusal, type RefusalKindWith } from '@baton/contracts'
import type { QuarantinedKind } from '@baton/queue'
import { firstAfterQuiet, packageVersion, plainAddress, type Logger, type TrustedProxies } from '@baton/runtime'
import { LogController, fastify, type FastifyBaseLogger, type FastifyReply, type FastifyRequest } from 'fastify'
import { closeConnectionsInTime } from './close-connections-in-time.ts'
import { connectionLimits, type ConnectionLimits } from './connection-limits.ts'
import type { Apps } from './apps.ts'
import type { DriftNotes } from './drift-notes.ts'
import type { IngressMetrics } from './ingress-metrics.ts'
import { partingResponse } from './parting-response.ts'
import { probeReport } from './probe.ts'
import type { Quarantine } from './quarantine-handover.ts'
import { commandIn, readCallback, type CallbackHead } from './read-callback.ts'
import { receiptClock } from './receipt-clock.ts'
import type { RenewedCertificate } from './renewed-certificate.ts'
import { settlesWithin } from './settles-within.ts'
import { answerMalformed, notPost, refuseTunnel } from './socket-answers.ts'
import { sparingLog } from './sparing-log.ts'
import { StrangeAddresses } from './strange-addresses.ts'
import { takeWaitingConnections } from './take-waiting-connections.ts'
import { WronglySigned } from './wrongly-signed.ts'

export interface IngressOptions {
  apps: Pick<Apps, 'admit' | 'decide' | 'fallBack' | 'signed'>
  /** Path of the callback URL. A secret: it is not logged, nor told to anybody who does not know it. */
  path: string
  /** Speaks HTTPS with it; HTTP without. */
  certificate?: Pick<RenewedCertificate, 'serve'> | undefined
  /** Who is believed in X-Forwarded-For; nobody, without. */
  trusted?: TrustedProxies | undefined
  /** Resolves once the event is kept; only then is the callback acknowledged. */
  append: (event: Event) => Promise<void>
  /** What stands in the way of appending now, or nothing. */
  obstacle: () => Promise<string | undefined>
  quarantine: Quarantine
  drift: Pick<DriftNotes, 'note'>
  metrics: IngressMetrics
  log: Logger
  /** Aborted when this ingress is about to stop: from then on it is not ready, and parts with its clients, but takes what they send. */
  stopping?: AbortSignal
  limits?: ConnectionLimits
}

/** What admission found in the query. */
interface Admitted extends CallbackHead {
  /** When its headers were there, in ms of a clock that never goes back. */
  arrived: number
  /** It is wrongly signed, and its body is read for the quarantine alone. */
  refusal: Refusal<RefusalKindWith<401>> | undefined
}

declare module 'fastify' {
  interface FastifyRequest {
    /** There once the body may be read. */
    admitted: Admitted | null
    /** A probe, or what else names a command of Baton itself: neither it nor its refusal leaves a trace beside one count. */
    probing: boolean
  }
}

/** Largest body that is accepted, in bytes. */
const bodyLimit = 1_048_576

/** ms without a probe after which the next one is logged. */
const quiet = 60_000

/** Seconds after which a refused callback may come again. */
const retryAfter = '2'

const acknowledged = JSON.stringify(acknowledgement)

/** Builds the ingress: admit by the query, read the body, append, acknowledge. */
export function buildIngress ({ apps, path, certificate, trusted, append, obstacle, quarantine, drift, metrics, log, stopping = new AbortController().signal, limits = connectionLimits }: IngressOptions) {
  const tell = sparingLog(log)
  let leaving = stopping.aborted
  const leave = () => { leaving = true }
  stopping.addEventListener('abort', leave)
  // No child for each request: it would tell nothing but a number, and every acknowledgement would wait for it.
  const loggerInstance: FastifyBaseLogger = Object.create(log, { child: { value: () => loggerInstance } })
  const http = {
    // Without a headersTimeout below it, Node takes its own default of 60 s for the request and our requestTimeout for the headers.
    headersTimeout: limits.headers,
    connectionsCheckingInterval: limits.looks,
    ServerResponse: partingResponse(() => leaving),
    requireHostHeader: false // nobody needs it here, and Node's own refusal has no envelope
  }
  const ingress = fastify<Server>({
    loggerInstance,
    genReqId: () => '', // which nobody would see
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit,
    requestTimeout: limits.request,
    keepAliveTimeout: limits.idle,
    connectionTimeout: limits.silence,
    http,
    ...certificate && {
      serverFactory: handler => certificate
        .serve(handler, { ...http, requestTimeout: limits.request, keepAliveTimeout: limits.idle, handshakeTimeout: limits.headers }, () => { metrics.handshakesFailed.inc() })
        .setTimeout(limits.silence)
    },
    trustProxy: trusted ?? false,
    frameworkErrors: (_error, request, reply) => {
      void refuse(request, reply, request.method === 'POST' ? { kind: 'unknown-path', info: 'the URL is not well-formed; mend the callback URL in the console' } : notPost)
    },
    clientErrorHandler: (error, socket) => { answerMalformed(error, socket, limits, metrics, tell) },
    return503OnClosing: false, // a callback on an open connection is still answered while we close
    forceCloseConnections: 'idle',
    routerOptions: { maxParamLength: 1_024, querystringParser: () => ({}) } // the query is read once, by readCallbackQuery
  })
  ingress.server.maxConnections = limits.connections
  ingress.server.maxHeadersCount = 0 // beyond a number Node would drop headers unseen, Content-Length among them; their size is bounded all the same
  ingress.server.on('drop', () => { metrics.connectionsRefused.inc() })
  // Whatever a client expects, it gets the answer that it would have got without.
  ingress.server.on('checkExpectation', (request, response) => { ingress.server.emit('request', request, response) })
  ingress.server.on('connect', (request, socket) => { refuseTunnel(request, socket, metrics, tell) })
  ingress.addHook('preClose', async () => {
    leave()
    await takeWaitingConnections(ingress.server)
    closeConnectionsInTime(ingress.server)
  })
  const receivedAt = receiptClock()
  const wronglySigned = new WronglySigned(log)
  const strangeAddresses = new StrangeAddresses(log)
  const firstProbe = firstAfterQuiet(quiet)
  const version = packageVersion(import.meta.url)

  const refuse = (request: FastifyRequest, reply: FastifyReply, refusal: Refusal) => {
    const { status, code } = refusals[refusal.kind]
    if (request.probing) metrics.probes.inc({ code })
    else {
      metrics.refused.inc({ code })
      // Neither path nor query: one may be nearly the right path, the other holds a signature.
      if (refusal.kind !== 'wrong-address') tell('warn', code, { code, info: refusal.info, address: plainAddress(request.ip) }, 'callback refused')
    }
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

  const send = (reply: FastifyReply, answer: string) => reply.header('content-type', 'application/json; charset=utf-8').send(answer)

  /** A probe gets the answer that a callback would have got in its place, and is told how it arrived. */
  const answerProbe = async (request: FastifyRequest, reply: FastifyReply, { appId, rawQuery }: Admitted, body: Buffer, found?: Refusal) => {
    request.probing = true
    if (firstProbe()) request.log.info({ app: appId }, 'a probe came: `baton doctor` sends them; those that follow within a minute are counted only')
    const refusal = found ?? (await obstacle() === undefined ? undefined : { kind: 'not-durable', info: 'an event could not be kept at the moment; /readyz of the ingress says why' } as const)
    const app = apps.signed(appId)
    reply.header(probeHeader, probeReport({ rawQuery, method: request.method, body, now: Date.now(), confided: app && { address: plainAddress(request.ip) ?? '', version, freshness: app.freshness } }))
    if (refusal !== undefined) return refuse(request, reply, refusal)
    metrics.probes.inc({ code: acknowledgement.ErrorCode })
    return send(reply, acknowledged)
  }

  /** A before-callback asks for a decision: it gets one whatever became of the event. */
  const answerUnkept = (request: FastifyRequest, reply: FastifyReply, answer: string, why: string) => {
    metrics.allowedUnkept.inc()
    tell('error', 'unkept', { why }, 'a before-callback was answered, but its event may be lost')
    return send(reply, answer)
  }

  // Any Content-Type, valid or not, or none: the body is taken as bytes.
  ingress.removeAllContentTypeParsers()
  ingress.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => { done(null, body) })

  // Hooks with callbacks: a promise for each would have every acknowledgement wait for a turn of its own.
  ingress.addHook('onRequest', (request, reply, done) => {
    request.raw.headers['content-type'] = undefined
    if (!request.is404) return done()
    const refusal: Refusal = request.method === 'POST'
      ? { kind: 'unknown-path', info: 'callbacks are not received at this path; compare the callback URL in the console with INGRESS_PATH, which `baton check` tells' }
      : notPost
    refuse(request, reply, refusal)
  })

  ingress.setErrorHandler((error, request, reply) => {
    reply.removeHeader('connection') // of a body that is too large, the rest is read and thrown away: closed at once, its client might never see the answer
    const refusal = request.admitted?.refusal
    if (refusal !== undefined) {
      lose(refusal)
      return request.raw.readableAborted ? reply : refuse(request, reply, refusal)
    }
    if (request.raw.readableAborted) {
      request.log.debug('a client hung up before its callback was whole')
      return reply
    }
    const { admitted } = request
    const command = admitted?.query.command ?? ''
    if (admitted !== null && !request.probing && isBeforeCommand(command)) {
      return answerUnkept(request, reply, apps.fallBack(admitted.appId, command).answer, error instanceof Error ? error.message : String(error))
    }
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    if (code === 'FST_ERR_CTP_BODY_TOO_LARGE') {
      return refuse(request, reply, { kind: 'body-too-large', info: `the body is larger than ${bodyLimit} bytes` })
    }
    if (code === 'FST_ERR_CTP_INVALID_CONTENT_LENGTH') {
      return refuse(request, reply, { kind: 'not-json-object', info: 'the body is not as long as Content-Length says' })
    }
    tell('error', 'unexpected', { err: error }, 'a callback met an unexpected error')
    return refuse(request, reply, { kind: 'not-durable', info: 'an unexpected error; the callback may not have been kept' })
  })

  ingress.decorateRequest('admitted', null)
  ingress.decorateRequest('probing', false)
  ingress.post<{ Body: Buffer | undefined }>(path, {
    onRequest: (request, reply, done) => {
      const arrived = performance.now()
      const rawQuery = queryOf(request.raw.url ?? '')
      const query = readCallbackQuery(rawQuery)
      request.probing = isReservedCommand(query.command ?? '')
      const { app, refusal } = apps.admit(query, Date.now(), request)
      if (app === undefined) {
        if (refusal.kind === 'wrong-address' && !request.probing) strangeAddresses.note(Number(query.sdkAppId), request)
        return void refuse(request, reply, refusal)
      }
      if (refusal !== undefined) {
        if (request.probing) return void refuse(request, reply, refusal)
        if (!wronglySigned.admit(app.sdkAppId, refusal, plainAddress(request.ip))) {
          lose(refusal)
          return void refuse(request, reply, refusal)
        }
        reply.raw.once('close', () => { wronglySigned.done() })
      }
      request.admitted = { appId: app.sdkAppId, rawQuery, query, refusal, arrived }
      done()
    }
  }, async (request, reply) => {
    const started = performance.now()
    const received = request.admitted
    if (received === null) throw new Error('a callback reached its handler without having been admitted')
    const body = request.body ?? Buffer.alloc(0)
    const timeLeft = () => received.arrived + limits.decision - performance.now()
    if (received.refusal !== undefined) {
      keep(received, received.refusal, commandIn(received.query), body)
      return refuse(request, reply, received.refusal)
    }
    const read = readCallback(received, body, receivedAt)
    if ('probe' in read) return await answerProbe(request, reply, received, body)
    if ('refusal' in read) {
      if (request.probing || isReservedCommand(read.command ?? '')) return await answerProbe(request, reply, received, body, read.refusal)
      keep(received, read.refusal, read.command, body)
      const command = received.query.command || read.command || '' // it may stand in the body alone
      if (!isBeforeCommand(command)) return refuse(request, reply, read.refusal)
      const { answer } = read.unfit === undefined ? apps.fallBack(received.appId, command) : await apps.decide(read.unfit.event, read.unfit.parsed, timeLeft())
      return answerUnkept(request, reply, answer, read.refusal.info)
    }

    const { event, parsed, verdict } = read
    const decided = isBeforeCommand(event.command) ? await apps.decide(event, parsed, timeLeft()) : undefined
    if (decided?.decision !== undefined) event.decision = decided.decision
    const count = () => {
      metrics.accepted.inc({ known: String(verdict.kind === 'fit' || isKnownCommand(event.command)) })
      if (verdict.kind === 'drift') drift.note(event, verdict)
    }
    const kept = append(event)
    try {
      if (decided === undefined) await kept
      else if (!await settlesWithin(kept, timeLeft())) {
        kept.then(count, (err: unknown) => {
          metrics.allowedUnkept.inc()
          tell('error', 'kept-too-late', { err, event: event.id, command: event.command }, 'a before-callback was answered in time, but its event could not be kept')
        })
        return await send(reply, decided.answer)
      }
    } catch (error) {
      tell('error', 'not-kept', { err: error, event: event.id, command: event.command }, 'an event could not be kept')
      if (decided !== undefined) return answerUnkept(request, reply, decided.answer, 'the event could not be kept')
      return refuse(request, reply, { kind: 'not-durable', info: 'the event cannot be kept at the moment; send it again' })
    }
    count()
    if (decided?.decision === undefined) metrics.ackSeconds.observe((performance.now() - started) / 1_000) // else it tells of somebody else
    request.log.debug({ event: event.id, app: event.appId, command: event.command }, 'callback accepted')
    return send(reply, decided?.answer ?? acknowledged)
  })

  ingress.get('/livez', async (_request, reply) => reply.type('text/plain').send('alive\n'))
  ingress.get('/readyz', async (_request, reply) => {
    const inTheWay = leaving ? 'this ingress is about to stop' : await obstacle()
    return reply.code(inTheWay === undefined ? 200 : 503).type('text/plain').send(`${inTheWay ?? 'ready'}\n`)
  })
  ingress.get('/metrics', async (_request, reply) => reply.type('text/plain; version=0.0.4; charset=utf-8').send(await metrics.text()))
  return ingress
}

/** The query string of a URL as it came, without the `?`. */
function queryOf (url: string): string {
  const mark = url.indexOf('?')
  return mark < 0 ? '' : url.slice(mark + 1)
}
