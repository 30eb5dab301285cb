import type { Event } from '@baton/contracts'
import { Type } from '@sinclair/typebox'
import { Webhook } from 'standardwebhooks'
import { Pool } from 'undici'
import { defineTarget, type DeliveryContext } from '../target.ts'
import { headersOfEvent } from './headers-of-event.ts'
import { outcomeOfError } from './outcome-of-error.ts'
import { outcomeOfStatus } from './outcome-of-status.ts'

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
  open: ({ url, secrets = [] }, { name, log, concurrency }) => {
    const { origin, pathname, search } = new URL(url)
    const signers = secrets.map(secret => new Webhook(secret))
    if (signers.length === 0) log.warn({ target: name }, 'deliveries are not signed: give the target secrets, so that its receiver can tell them from forgeries')
    // The delivery's own signal is the one clock; undici's would be a second.
    const pool = new Pool(origin, { connections: concurrency, pipelining: 1, headersTimeout: 0, bodyTimeout: 0 })

    const post = async (event: Event, { signal, attempt }: DeliveryContext) => {
      try {
        const response = await pool.request({
          path: pathname + search,
          method: 'POST',
          headers: headersOfEvent(event, { attempt, signers, now: new Date() }),
          body: event.body,
          signal
        })
        await response.body.dump({ limit: 65_536, signal }) // the status is the whole answer; free the socket
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
