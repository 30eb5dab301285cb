import { acknowledgement } from '@baton/contracts'
import { Queue } from 'bullmq'
import { fastify } from 'fastify'
import { announce } from './announce.ts'
import { isCallback } from './is-callback.ts'

// C': acknowledges first and adds afterwards. Whatever waits in memory is lost with the process.
const queue = new Queue('callbacks', { connection: { url: process.env['REDIS_URL'] ?? '' } })
await queue.waitUntilReady()
const app = fastify()
app.post('/', async (request, reply) => {
  if (!isCallback(request)) return reply.code(400).send()
  void reply.send(acknowledgement)
  queue.add('callback', request.body).catch((error: unknown) => { console.error(error) })
  return reply
})
announce(await app.listen({ host: '127.0.0.1', port: 0 }))
