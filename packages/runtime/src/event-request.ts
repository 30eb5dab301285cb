import { tencentQuery, type Event } from '@baton/contracts'
import { Webhook } from 'standardwebhooks'
import type { StyleSettings } from './style-settings.ts'

/** Some receivers refuse header blocks above 8 KB; what is longer is left out of them. In bytes. */
const longestQuery = 8_192

/** A POST whose body is the event's. */
export interface EventRequest {
  path: string
  headers: Record<string, string>
}

export interface EventRequestContext {
  /** 1 for the first attempt. */
  attempt: number
  /** ms since 1970. */
  now: number
}

/** Builds the requests by which events are presented to the receiver at a URL. */
export function eventRequests (url: string, { style, secrets = [], token }: StyleSettings): (event: Event, context: EventRequestContext) => EventRequest {
  const { pathname, search } = new URL(url)
  if (style === 'tencent') {
    const path = `${pathname}${search === '' ? '?' : `${search}&`}`
    return ({ query }, { now }) => ({ path: path + tencentQuery(query, token, now), headers: tencentHeaders })
  }
  const signers = secrets.map(secret => new Webhook(secret))
  return (event, context) => ({ path: pathname + search, headers: batonHeaders(event, signers, context) })
}

const tencentHeaders = { 'content-type': 'application/json' }

/**
 * Standard Webhooks (https://www.standardwebhooks.com) for identity and signature, `baton-*` for what the body does not tell.
 * The signature covers id, timestamp and body, once for each secret.
 */
function batonHeaders (event: Event, signers: readonly Webhook[], { attempt, now }: EventRequestContext): Record<string, string> {
  const { decision } = event
  return {
    'content-type': 'application/json',
    'user-agent': 'Baton',
    'webhook-id': event.id,
    'webhook-timestamp': String(Math.floor(now / 1000)),
    ...(signers.length > 0 && { 'webhook-signature': signers.map(signer => signer.sign(event.id, new Date(now), event.body)).join(' ') }),
    'baton-command': event.command,
    'baton-app-id': String(event.appId),
    'baton-received-at': new Date(event.receivedAt).toISOString(),
    'baton-attempt': String(attempt),
    ...(event.query.length <= longestQuery && { 'baton-query': event.query }),
    ...(decision !== undefined && { 'baton-decision': `${decision.verdict}; by=${decision.by}; took=${Math.round(decision.took)}` })
  }
}
