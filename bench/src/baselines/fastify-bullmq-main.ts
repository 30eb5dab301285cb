import { acknowledgement } from '@baton/contracts'
import { Queue } from 'bullmq'
import { fastify } from 'fastify'
import { announce } from './announce.ts'
import { isCallback } from './is-callback.ts'

// C: one job for each callback, acknowledged once Redis has it.
const queue = new Queue('callbacks', { connection: { url: process.env['REDIS_URL'] ?? '' } })
await queue.waitUntilReady()
const app = fastify()
app.post('/', async (request, reply) => {
  if (!isCallback(request)) return reply.code(400).send()
  await queue.add('callback', request.body)
  return acknowledgement
})
announce(await app.listen({ host: '127.0.0.1', port: 0 }))
