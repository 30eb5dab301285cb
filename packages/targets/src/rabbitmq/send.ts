import type { Event } from '@baton/contracts'
import type { Options } from 'amqplib'
import { messageHeadersOf } from '../broker/message-headers.ts'
import { delivered, type Outcome } from '../outcome.ts'
import { lendChannel, type Lent } from './channels.ts'
import type { Connection } from './connect.ts'
import { preconditionFailed, replyCodeOf, tooLarge, troubleOfError, unroutable, unstored } from './trouble-of-error.ts'

/** An event on its way, and what is to be done with its outcome. */
export interface Sending {
  event: Event
  routingKey: string
  note: (outcome: Outcome) => void
}

/** Sends to an exchange, all at once and in their order, and notes what becomes of each. */
export async function send (connection: Connection, exchange: string, sendings: readonly Sending[], signal: AbortSignal): Promise<void> {
  const cutShort: Sending[] = []
  const trouble = await lendChannel(connection, async lent => {
    await Promise.all(sendings.map(async sending => {
      const outcome = await publish(lent, exchange, sending)
      if (outcome === undefined) cutShort.push(sending)
      else sending.note(outcome)
    }))
    return lent.trouble
  })
  if (cutShort.length === 0) return
  // The node does not say which message it does not take, and has dropped those behind it.
  if (replyCodeOf(trouble) !== preconditionFailed) return noteAll(cutShort, troubleOfError(trouble).outcome)
  if (cutShort.length === 1) return noteAll(cutShort, tooLarge)
  for (const sending of cutShort) {
    if (signal.aborted) return
    await send(connection, exchange, [sending], signal)
  }
}

const noteAll = (sendings: readonly Sending[], outcome: Outcome) => { for (const { note } of sendings) note(outcome) }

/** Undefined where the channel was closed before it was known. */
async function publish (lent: Lent, exchange: string, { event, routingKey }: Sending): Promise<Outcome | undefined> {
  return await new Promise(resolve => {
    try {
      lent.channel.publish(exchange, routingKey, event.body, propertiesOf(event), (error: unknown) => {
        if (error === null) resolve(lent.returned.has(event.id) ? unroutable : delivered)
        else resolve(lent.closed ? undefined : unstored)
      })
    } catch (error) {
      if (lent.closed) resolve(undefined)
      else throw error
    }
  })
}

const propertiesOf = (event: Event): Options.Publish => ({
  mandatory: true,
  persistent: true,
  messageId: event.id,
  type: event.command,
  timestamp: Math.trunc(event.receivedAt / 1_000),
  contentType: 'application/json',
  headers: { ...messageHeadersOf(event), 'baton-key': event.orderingKey }
})
