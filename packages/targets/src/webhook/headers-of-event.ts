import type { Event } from '@baton/contracts'
import type { Webhook } from 'standardwebhooks'

/** Some receivers refuse header blocks above 8 KB; a longer query string is left out. In bytes. */
const longestQuery = 8_192

/**
 * The headers of a delivery: Standard Webhooks (https://www.standardwebhooks.com) for identity and signature, `baton-*` for
 * what the body does not tell. The signature covers id, timestamp and body, once for each secret.
 */
export function headersOfEvent (event: Event, { attempt, signers, now }: { attempt: number, signers: readonly Webhook[], now: Date }): Record<string, string> {
  return {
    'content-type': 'application/json',
    'user-agent': 'Baton',
    'webhook-id': event.id,
    'webhook-timestamp': String(Math.floor(now.getTime() / 1000)),
    ...(signers.length > 0 && { 'webhook-signature': signers.map(signer => signer.sign(event.id, now, event.body)).join(' ') }),
    'baton-command': event.command,
    'baton-app-id': String(event.appId),
    'baton-received-at': new Date(event.receivedAt).toISOString(),
    'baton-attempt': String(attempt),
    ...(event.query.length <= longestQuery && { 'baton-query': event.query })
  }
}
