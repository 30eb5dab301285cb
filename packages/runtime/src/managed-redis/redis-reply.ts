export interface RedisReply { kind: 'text' | 'error', text: string }

/** The first reply in what came so far; undefined while it is incomplete. What is no Redis reply at all is an error. */
export function replyFrom (received: Buffer): RedisReply | undefined {
  const end = received.indexOf('\r\n')
  if (end < 0) return received.length > 1_000 ? { kind: 'error', text: 'not a Redis reply' } : undefined
  const line = received.toString('utf8', 1, end)
  switch (received.toString('latin1', 0, 1)) {
    case '+': return { kind: 'text', text: line }
    case '-': return { kind: 'error', text: line }
    case '$': {
      const start = end + 2
      const length = Number(line)
      return received.length >= start + length + 2 ? { kind: 'text', text: received.toString('utf8', start, start + length) } : undefined
    }
    default: return { kind: 'error', text: 'not a Redis reply' }
  }
}
