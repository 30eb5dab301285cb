import { acknowledgement } from '@baton/contracts'
import { fastify } from 'fastify'
import { announce } from './announce.ts'
import { isCallback } from './is-callback.ts'

// F: checks, stores nothing, answers: the least that an acknowledgement costs with Fastify, before it is worth anything.
const app = fastify()
app.post('/', async (request, reply) => isCallback(request) ? acknowledgement : reply.code(400).send())
announce(await app.listen({ host: '127.0.0.1', port: 0 }))
