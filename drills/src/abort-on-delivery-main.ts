import { subscribe } from 'node:diagnostics_channel'

// Preloaded into a worker: the delivery of one event is the end of it, as where a native module fails.
const id = new URL(import.meta.url).searchParams.get('id') ?? ''

const headersOf = (message: unknown): unknown =>
  typeof message === 'object' && message !== null && 'request' in message && typeof message.request === 'object' && message.request !== null && 'headers' in message.request ? message.request.headers : undefined

subscribe('undici:request:create', message => {
  if (JSON.stringify(headersOf(message))?.includes(id)) process.abort()
})
