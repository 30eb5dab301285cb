import { connect } from 'node:net'
import { replyFrom } from './redis-reply.ts'

/** A raw connection that speaks Redis's inline commands: enough to tell whose server it is, and to stop it. */
export interface RedisConversation {
  /** Sends one command and answers its reply; rejects on an error reply, a closed connection or 10 s of silence. */
  ask: (command: string) => Promise<string>
  /** Resolves when the connection is gone. */
  closed: Promise<void>
  end: () => void
}

/** ms; far above what a busy Redis takes, so that a busy one is not mistaken for a dead one. */
const patience = 10_000

/** Rejects where nothing listens on the port of 127.0.0.1. Questions are asked one at a time. */
export async function talkToRedis (port: number): Promise<RedisConversation> {
  const socket = connect({ host: '127.0.0.1', port, noDelay: true })
  await new Promise<void>((resolve, reject) => socket.once('connect', resolve).once('error', reject))
  socket.on('error', () => {}) // 'close' follows, and tells all there is to know
  const closed = new Promise<void>(resolve => socket.once('close', () => resolve()))

  const ask = (command: string): Promise<string> => new Promise((resolve, reject) => {
    let received = Buffer.alloc(0)
    const settle = (act: () => void) => {
      clearTimeout(timer)
      socket.off('data', take).off('close', lost)
      act()
    }
    const take = (chunk: Buffer) => {
      received = Buffer.concat([received, chunk])
      const reply = replyFrom(received)
      if (reply === undefined) return
      settle(() => reply.kind === 'text' ? resolve(reply.text) : reject(new RedisRefusal(reply.text)))
    }
    const lost = () => settle(() => reject(new RedisRefusal('the connection was closed')))
    const timer = setTimeout(() => settle(() => reject(new RedisSilence(`port ${port} is open, and does not answer`))), patience)
    socket.on('data', take).once('close', lost)
    if (socket.destroyed) return lost()
    socket.write(`${command}\r\n`)
  })

  return { ask, closed, end: () => socket.destroy() }
}

/** The other side answered, but not as our Redis would. */
export class RedisRefusal extends Error {}

/** The other side took the connection and says nothing: it cannot be told whose it is. */
export class RedisSilence extends Error {}
