import type { Event } from '@baton/contracts'
import { Type } from '@sinclair/typebox'
import { Webhook } from 'standardwebhooks'
import { Pool, type Dispatcher } from 'undici'
import { defineTarget, type DeliveryContext } from '../target.ts'
import { headersOfEvent } from './headers-of-event.ts'
import { outcomeOfError } from './outcome-of-error.ts'
import { outcomeOfStatus } from './outcome-of-status.ts'

/** The status is the whole answer, whatever becomes of the body: it is read for a while, only to free the socket; else the socket is closed. */
const drain = async (body: Dispatcher.ResponseData['body']): Promise<void> => {
  await body.dump({ limit: longestDrain.bytes, signal: AbortSignal.timeout(longestDrain.milliseconds) }).catch(() => {})
}

const longestDrain = { bytes: 65_536, milliseconds: 1_000 }

/** POSTs each event with the bytes that Tencent sent, and waits for the answer. Receivers drop repeats by `webhook-id`. */
export const webhook = defineTarget({
  type: 'webhook',
  settings: Type.Object({
    url: Type.String({ pattern: '^https?://[^\\s/?#]+', description: 'Where events are posted: an http or https URL.' }),
    secrets: Type.Optional(Type.Array(
      Type.String({ pattern: '^whsec_[A-Za-z0-9+/]{24,}={0,2}$', secret: true, description: 'A Standard Webhooks secret: whsec_ and at least 18 bytes in base64.' }),
      { minItems: 1, maxItems: 10, description: 'Deliveries are signed with each of these; several while rotating. Without them they are unsigned.' }
    ))
  }),
  problemOf: ({ url }) => {
    if (!URL.canParse(url)) return ['url', 'is no URL']
    const { username, password } = new URL(url)
    if (username !== '' || password !== '') return ['url', 'has a user or password, which would end up in logs; secrets sign each delivery instead']
    return undefined
  },
  open: ({ url, secrets = [] }, { name, log, concurrency, timeout }) => {
    const { origin, pathname, search } = new URL(url)
    const signers = secrets.map(secret => new Webhook(secret))
    if (signers.length === 0) log.warn({ target: name }, 'deliveries are not signed: give the target secrets, so that its receiver can tell them from forgeries')
    // The delivery's own signal is the one clock; undici's would be a second. But it ends no connection that does not come about, and
    // such a one would keep its place in the pool: the same time, counted from a later moment, ends that.
    const pool = new Pool(origin, { connections: concurrency, pipelining: 1, headersTimeout: 0, bodyTimeout: 0, connect: { timeout } })

    const post = async (event: Event, { signal, attempt }: DeliveryContext) => {
      try {
        const response = await pool.request({
          path: pathname + search,
          method: 'POST',
          headers: headersOfEvent(event, { attempt, signers, now: new Date() }),
          body: event.body,
          signal
        })
        await drain(response.body)
        return outcomeOfStatus(response.statusCode)
      } catch (error) {
        return outcomeOfError(error)
      }
    }

    return {
      deliver: async (events, context) => await Promise.all(events.map(event => post(event, context))),
      close: async () => { await pool.destroy() }
    }
  }
})
