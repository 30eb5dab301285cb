import { acknowledgement } from '@baton/contracts'
import { fastify } from 'fastify'
import { announce } from './announce.ts'
import { isCallback } from './is-callback.ts'

// B: checks, stores nothing, answers. The yardstick: what an acknowledgement costs before it is worth anything.
const app = fastify()
app.post('/', async (request, reply) => isCallback(request) ? acknowledgement : reply.code(400).send())
announce(await app.listen({ host: '127.0.0.1', port: 0 }))
