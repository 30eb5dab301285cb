import { testCommand, type Event } from '@baton/contracts'
import { NetworkSettings, ProxyUrl, ReceiverUrl, StyleSettings, bareUrl, boundedBody, eventRequests, problemOfProxyUrl, problemOfReceiverUrl, receiverPool, styleProblem } from '@baton/runtime'
import { Type } from '@sinclair/typebox'
import type { Outcome } from '../outcome.ts'
import { defineTarget, type DeliveryContext } from '../target.ts'
import { answerText, beginningOf } from './answer-text.ts'
import { outcomeOfError } from './outcome-of-error.ts'
import { outcomeOfEnvelope } from './outcome-of-envelope.ts'
import { outcomeOfStatus } from './outcome-of-status.ts'
import { webhookOutcomes } from './outcomes.ts'
import { OwnHeaders, problemsOfOwnHeaders } from './own-headers.ts'

/** Bytes of an envelope. */
const longestEnvelope = 65_536

/** A good status is the whole answer, whatever becomes of the body: it is read for a while, only to free the socket; else the socket is closed. */
const longestDrain = { bytes: 65_536, milliseconds: 1_000 }

/** A failure with what the receiver said of it. */
const withAnswer = (outcome: Outcome, answer: string | undefined): Outcome => outcome.kind === 'delivered' || answer === undefined ? outcome : { ...outcome, answer }

const testEvent = (appId: number, id: string): Event => ({
  id,
  appId,
  command: testCommand,
  query: `SdkAppid=${appId}&CallbackCommand=${testCommand}&contenttype=json&ClientIP=127.0.0.1&OptPlatform=RESTAPI`,
  receivedAt: Date.now(),
  eventTime: null,
  orderingKey: id,
  body: Buffer.from(JSON.stringify({ CallbackCommand: testCommand }))
})

/** POSTs each event with the bytes that Tencent sent, and waits for the answer. Receivers of style baton drop repeats by `webhook-id`. */
export const webhook = defineTarget({
  type: 'webhook',
  settings: Type.Object({
    url: ReceiverUrl('Where events are posted: an http or https URL.'),
    ...NetworkSettings.properties,
    ...StyleSettings.properties,
    headers: Type.Optional(OwnHeaders),
    proxy: Type.Optional(ProxyUrl('The HTTP proxy through which the receiver is reached, as http://host:port or http://user:password@host:port. Left out: none is asked, whatever the environment names.')),
    acceptEmpty: Type.Optional(Type.Boolean({ description: 'Of style tencent: whether an empty answer with any 2xx will do, too. Else only 200 with an envelope whose ErrorCode is 0.' }))
  }),
  outcomes: webhookOutcomes,
  problemOf: ({ url, network, acceptEmpty, headers, proxy, ...style }) => {
    const problem = problemOfReceiverUrl(url, network)
    if (problem !== undefined) return ['url', problem]
    if (style.style === 'baton' && acceptEmpty !== undefined) return ['acceptEmpty', 'belongs to style tencent; of style baton any 2xx will do']
    return styleProblem(style)
  },
  findingsOf: ({ headers = {}, proxy }) => {
    const problem = proxy === undefined ? undefined : problemOfProxyUrl(proxy)
    const ofHeaders = problemsOfOwnHeaders(headers).map(({ name, problem }) => ({ at: name === undefined ? ['headers'] : ['headers', name], problem }))
    return { problems: problem === undefined ? ofHeaders : [...ofHeaders, { at: ['proxy'], problem }], doubts: [] }
  },
  describe: ({ url, secrets, token }) => ({ to: bareUrl(url), signed: (secrets ?? token) !== undefined }),
  open: ({ url, network, acceptEmpty = false, headers: own = {}, proxy, ...style }, { name, log, concurrency, timeout }) => {
    const request = eventRequests(url, style)
    const textOf = answerText(own)
    const signing = style.style === 'tencent' ? 'token' : 'secrets'
    if (style[signing] === undefined) log.warn({ target: name }, `deliveries are not signed: give the target ${signing}, so that its receiver can tell them from forgeries`)
    // The delivery's own signal ends no connection that does not come about, and such a one would keep its place in the pool: the same time, counted from a later moment, ends that.
    const pool = receiverPool(url, { network, proxy, connections: concurrency, timeout })

    const post = async (event: Event, { signal, attempt }: DeliveryContext) => {
      try {
        const { path, headers } = request(event, { attempt, now: Date.now() })
        const response = await pool.post({ path, headers: { ...own, ...headers }, body: event.body, signal })
        const { 'retry-after': retryAfter } = response.headers
        if (style.style === 'tencent' && response.statusCode >= 200 && response.statusCode < 300) {
          const body = await boundedBody(response.body, longestEnvelope)
          return withAnswer(outcomeOfEnvelope(event, response.statusCode, body?.toString('utf8') ?? 'too long for an envelope', { acceptEmpty, retryAfter }), textOf(body))
        }
        const outcome = outcomeOfStatus(response.statusCode, retryAfter)
        if (outcome.kind !== 'delivered') return withAnswer(outcome, textOf(await beginningOf(response)))
        await response.body.dump({ limit: longestDrain.bytes, signal: AbortSignal.timeout(longestDrain.milliseconds) }).catch(() => {})
        return outcome
      } catch (error) {
        return outcomeOfError(error)
      }
    }

    return {
      deliver: async (events, context) => await Promise.all(events.map(event => post(event, context))),
      test: async ({ signal, appId, id }) => await post(testEvent(appId, id), { signal, attempt: 1 }),
      close: async () => { await pool.close() }
    }
  }
})
