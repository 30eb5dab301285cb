import type { Event } from '@baton/contracts'

/** What is longer is left out, as it is of webhooks. In bytes. */
const longestQuery = 8_192

/** What the body of a message does not say, alike for every broker. Of these only the query can hold what is not ASCII. */
export const messageHeadersOf = ({ id, command, appId, receivedAt, eventTime, query, decision }: Event): Record<string, string> => ({
  'baton-id': id,
  'baton-command': command,
  'baton-app-id': String(appId),
  'baton-received-at': new Date(receivedAt).toISOString(),
  ...eventTime !== null && { 'baton-event-time': String(eventTime) },
  ...Buffer.byteLength(query) <= longestQuery && { 'baton-query': query },
  ...decision !== undefined && { 'baton-decision': `${decision.verdict}; by=${decision.by}; took=${Math.round(decision.took)}` }
})
