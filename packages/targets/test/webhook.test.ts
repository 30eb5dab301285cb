import t from 'tap'
import { Webhook } from 'standardwebhooks'
import { createLogger } from '@baton/runtime'
import { anEvent, freePort, receiver } from '@baton/testing'
import { eventsInMemory } from '../src/index.ts'
import { memory } from '../src/memory/memory.ts'
import { webhook } from '../src/webhook/webhook.ts'
import { targetContract } from './target-contract.ts'

const context = { name: 'crm', log: createLogger('test', 'silent'), embeddedPostgresPort: 0, concurrency: 10 }
const patient = (attempt = 1) => ({ signal: AbortSignal.timeout(10_000), attempt })

targetContract(t, 'webhook', async t => {
  const poison = anEvent()
  const answer = ({ headers }: { headers: NodeJS.Dict<string | string[]> }) => headers['webhook-id'] === poison.id ? 422 : 200
  const server = await receiver(t, answer)
  return {
    open: () => webhook.open({ url: server.url }, context),
    arrived: async () => new Set(server.received.map(({ headers }) => String(headers['webhook-id'])).filter(id => id !== poison.id)),
    poisoned: () => poison,
    server: {
      stopMidway: async () => {
        let answered = 0
        server.answer = () => {
          if (++answered === 3) void server.stop()
          return answered < 3 ? 200 : 'hang'
        }
      },
      start: async () => {
        server.answer = answer
        await server.start()
      }
    }
  }
})

targetContract(t, 'memory', async () => {
  let opened = 0
  const names: string[] = []
  return {
    open: () => {
      const name = `memory-${++opened}`
      names.push(name)
      return memory.open({ limit: 100 }, { ...context, name })
    },
    arrived: async () => new Set(names.flatMap(name => eventsInMemory(name)).map(({ id }) => id))
  }
})

for (const [status, outcome] of [
  [200, { kind: 'delivered' }], [202, { kind: 'delivered' }], [204, { kind: 'delivered' }],
  [408, { kind: 'retry', code: 'http_408', slow: undefined }], [425, { kind: 'retry' }], [429, { kind: 'retry', slow: undefined }], [500, { kind: 'retry' }], [503, { kind: 'retry' }],
  [400, { kind: 'reject', code: 'http_400' }], [413, { kind: 'reject' }], [422, { kind: 'reject' }], [409, { kind: 'reject' }],
  [401, { kind: 'retry', slow: true }], [403, { kind: 'retry', slow: true }], [404, { kind: 'retry', slow: true }], [405, { kind: 'retry', slow: true }], [410, { kind: 'retry', slow: true }]
] as const) {
  t.test(`webhook: ${status} is ${outcome.kind}${'slow' in outcome && outcome.slow ? ', slowly: the target itself is wrong' : ''}`, async t => {
    const { url } = await receiver(t, () => status)
    const target = webhook.open({ url }, context)
    t.teardown(async () => { await target.close() })
    t.match(await target.deliver([anEvent()], patient()), [outcome])
  })
}

t.test('webhook: the receiver gets the bytes as they came, and headers that tell the rest', async t => {
  const { url, received } = await receiver(t)
  const secrets = [`whsec_${Buffer.alloc(24, 1).toString('base64')}`, `whsec_${Buffer.alloc(24, 2).toString('base64')}`]
  const target = webhook.open({ url: `${url}/hooks/chat?tenant=1`, secrets }, context)
  t.teardown(async () => { await target.close() })
  const event = anEvent({ id: 'evt_1', receivedAt: 1_700_000_000_123, query: 'SdkAppid=1400000000&ClientIP=%3A%3A1' })
  event.body = Buffer.from('\uFEFF{ "Name" : "\u{1F600}" , "n": 144115212830834855 }')

  t.match(await target.deliver([event], patient(4)), [{ kind: 'delivered' }])

  const [request] = received
  t.equal(request?.path, '/hooks/chat?tenant=1')
  t.equal(request?.body.equals(event.body), true)
  t.match(request?.headers, {
    'webhook-id': 'evt_1',
    'webhook-timestamp': /^\d{10}$/,
    'baton-command': 'Group.CallbackAfterCreateGroup',
    'baton-app-id': '1400000000',
    'baton-received-at': '2023-11-14T22:13:20.123Z',
    'baton-attempt': '4',
    'baton-query': 'SdkAppid=1400000000&ClientIP=%3A%3A1',
    'content-type': 'application/json'
  })
  const headers = Object.fromEntries(Object.entries(request?.headers ?? {}).map(([name, value]) => [name, String(value)]))
  for (const secret of secrets) {
    t.doesNotThrow(() => new Webhook(secret).verify(request?.body ?? '', headers, { jsonParse: false }), 'each secret verifies')
  }
})

t.test('webhook: without secrets it is unsigned; a query above 8 KB is left out', async t => {
  const { url, received } = await receiver(t)
  const target = webhook.open({ url }, context)
  t.teardown(async () => { await target.close() })
  await target.deliver([anEvent({ query: 'q='.padEnd(8_193, 'x') })], patient())
  t.notMatch(received[0]?.headers, { 'webhook-signature': String })
  t.notMatch(received[0]?.headers, { 'baton-query': String })
})

t.test('webhook: redirects are not followed', async t => {
  const other = await receiver(t)
  const { url } = await receiver(t, () => ({ status: 307, headers: { location: other.url } }))
  const target = webhook.open({ url }, context)
  t.teardown(async () => { await target.close() })
  t.match(await target.deliver([anEvent()], patient()), [{ kind: 'retry', slow: true, code: 'http_307' }])
  t.equal(other.received.length, 0)
})

t.test('webhook: a receiver that hangs is a timeout, one that is not there a network error', async t => {
  const { url } = await receiver(t, () => 'hang')
  const hanging = webhook.open({ url }, context)
  const nobody = webhook.open({ url: `http://127.0.0.1:${await freePort()}` }, context)
  t.teardown(async () => { await hanging.close(); await nobody.close() })
  t.match(await hanging.deliver([anEvent()], { signal: AbortSignal.timeout(100), attempt: 1 }), [{ kind: 'retry', code: 'timeout' }])
  t.match(await nobody.deliver([anEvent()], patient()), [{ kind: 'retry', code: 'network_econnrefused' }])
})

t.test('memory: only the newest events are kept', async t => {
  const target = memory.open({ limit: 2 }, { ...context, name: 'small' })
  const events = [anEvent(), anEvent(), anEvent()]
  await target.deliver(events, patient())
  t.same(eventsInMemory('small').map(({ id }) => id), events.slice(1).map(({ id }) => id))
  await target.close()
  t.same(eventsInMemory('small'), [])
})
