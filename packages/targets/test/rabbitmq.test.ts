import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import { promisify } from 'node:util'
import type { Event } from '@baton/contracts'
import { RelayDocument, createLogger } from '@baton/runtime'
import { anEvent, certificate, freePort, rabbitmqServer, receiver } from '@baton/testing'
import t, { type Test } from 'tap'
import { readTargets, type Target } from '../src/index.ts'
import { rabbitmq } from '../src/rabbitmq/rabbitmq.ts'
import { targetContract } from '../src/target-contract.ts'
import { freshQueue, take, withChannel } from './rabbitmq/queues.ts'
import { proxy } from './sql/proxy.ts'

const node = await rabbitmqServer(t)

interface Opening { timeout?: number, lines?: string[] }

const signOn = { user: 'baton', password: 'secret' }

/** Opened as the relay file would, and closed with the test. */
function openTarget (t: Test, settings: object, { timeout = 10_000, lines = [] }: Opening = {}): Target {
  const { problems, open } = rabbitmq.configure({ ...signOn, ...settings })
  t.same(problems, [])
  const target = open({ name: 'queue', log: createLogger('test', 'trace', { write: line => { lines.push(line) } }), embeddedPostgresPort: 0, concurrency: 10, timeout })
  t.teardown(async () => { await target.close() })
  return target
}

const deliver = async (target: Target, events: Event[], signal = AbortSignal.timeout(20_000)) => await target.deliver(events, { signal, attempt: 1 })
const ask = async (target: Target, signal = AbortSignal.timeout(20_000)) => await target.test?.({ signal, appId: 1400000000, id: 'evt_test' })
const delivered = { kind: 'delivered' }

t.test('settings that cannot work are told at start', async t => {
  const problems = async (target: string) => {
    const document = new RelayDocument('baton.yaml', `targets:\n  a:\n    { type: rabbitmq, ${target} }\n`, () => undefined)
    await readTargets(document)
    return document.problems
  }
  const good = 'servers: ["rabbitmq.example.com:5672"], user: a, password: b, exchange: "chat.{app}"'
  t.same(await problems(good), [])
  t.same(await problems(`${good}, vhost: chat, routingKey: "{app}.{command}", tls: {}, maxMessageBytes: 2000, outcomes: { rabbitmq_unroutable: delivered, "rabbitmq_*": wrong, rabbitmq_nack: reject }`), [])
  t.same(await problems('servers: ["a:1"], user: a, password: b, exchange: "", routingKey: events'), [])
  for (const [target, problem] of [
    [`${good.replace('rabbitmq.', 'amqp://')}`, /servers\[0\].*host:port/],
    [`${good.replace('5672', '70000')}`, /servers: has a port that there is not/],
    [`${good.replace('{app}', '{id}')}`, /exchange.*\{app\} and \{command\}/],
    [`${good.replace('{app}', '{command}{command}')}`, /exchange: can become a name of 261 characters/],
    [`${good}, routingKey: "{command}.{command}"`, /routingKey: can become a name of 257 characters/],
    [`${good}, routingKey: "a b"`, /routingKey/],
    [`${good.replace('chat.{app}', '')}, routingKey: ""`, /routingKey: is empty/],
    [`${good}, tls: { key: /etc/key.pem }`, /tls: has one of cert and key/],
    [good.replace('user: a, ', ''), /user/],
    [`${good}, mandatory: false`, /mandatory/],
    [`${good}, outcomes: { http_500: retry }`, /outcomes\.http_500/]
  ] as const) t.match((await problems(target)).join('\n'), problem, target)
})

t.test('operators are shown where events go, and no password', async t => {
  t.same(rabbitmq.configure({ ...signOn, servers: ['a:1', 'b:2'], exchange: 'chat' }).description, { to: 'amqp://a:1,b:2/%2F chat {command}' })
})

t.test('the client is loaded by those who deliver to RabbitMQ, and by nobody else', async t => {
  const loaded = async (then: string) => {
    const hook = 'export async function resolve (name, context, next) { if (name === "amqplib") process._rawDebug("loaded " + name); return await next(name, context) }'
    const watch = `import { register } from 'node:module'; register('data:text/javascript,${encodeURIComponent(hook)}')`
    const program = `import { targetTypes } from '@baton/targets'; const rabbitmq = targetTypes.find(({ type }) => type === 'rabbitmq'); ${then}`
    const { stderr } = await promisify(execFile)(process.execPath, ['--import', `data:text/javascript,${encodeURIComponent(watch)}`, '--input-type=module', '--eval', program], { env: { PATH: process.env.PATH } })
    return stderr.includes('loaded amqplib')
  }
  const opened = "const target = (await rabbitmq.configure({ servers: ['127.0.0.1:1'], user: 'a', password: 'b', exchange: 'chat', tls: {} }, '.')).open({ timeout: 100 })"
  t.equal(await loaded(opened), false)
  t.equal(await loaded(`${opened}; await target.test({ signal: AbortSignal.timeout(1_000), appId: 1, id: '' })`), true)
})

t.test('who is not there, has another name or speaks something else is told, with what to mend', async t => {
  const nobody = `127.0.0.1:${await freePort()}`
  const http = new URL((await receiver(t, () => 200)).url).host
  for (const [settings, expected] of [
    [{ servers: [nobody] }, { kind: 'retry', slow: undefined, code: 'network_econnrefused', reason: /ports for AMQP/ }],
    [{ servers: ['rabbitmq.invalid:5672'] }, { kind: 'retry', slow: true, code: 'network_enotfound', reason: /mend servers/ }],
    [{ servers: ['rabbitmq.invalid:5672', nobody] }, { kind: 'retry', slow: undefined, code: 'network_econnrefused' }],
    [{ servers: [http] }, { kind: 'retry', code: /^network_/ }],
    [{ servers: [nobody], tls: { ca: '/nowhere/ca.pem' } }, { kind: 'retry', slow: true, code: 'tls_unfit', reason: /the file of ca cannot be read \(ENOENT\)/ }],
    [{ servers: [nobody], tls: { ca: '-----BEGIN CERTIFICATE-----\nno\n-----END CERTIFICATE-----' } }, { kind: 'retry', slow: true, code: 'tls_unfit', reason: /PEM of ca does not fit/ }]
  ] as const) {
    const target = openTarget(t, { exchange: 'chat', ...settings }, { timeout: 1_000 })
    const outcomes = await deliver(target, [anEvent(), anEvent()])
    t.match(outcomes, [expected, expected], JSON.stringify(settings))
    t.match(await ask(target), expected)
  }
})

t.test('a node that takes connections and never answers costs an attempt its time and no more, and no socket', async t => {
  const sockets: Socket[] = []
  const silent = createServer(socket => { sockets.push(socket.on('error', () => {}).resume()) }).listen(0, '127.0.0.1')
  await once(silent, 'listening')
  t.teardown(() => {
    for (const socket of sockets) socket.destroy()
    silent.close()
  })
  const address = silent.address()
  if (address === null || typeof address === 'string') return t.fail('it does not listen')
  const target = openTarget(t, { servers: [`127.0.0.1:${address.port}`], exchange: 'chat' }, { timeout: 300 })
  const late = { kind: 'retry', code: 'timeout', reason: 'RabbitMQ did not answer in time' }
  t.match(await deliver(target, [anEvent(), anEvent()], AbortSignal.timeout(50)), [late, late])
  t.match(await deliver(target, [anEvent()]), [{ kind: 'retry', code: 'network_etimedout' }], 'nor longer than a connection may take')
  await Promise.all(sockets.map(async socket => { if (!socket.closed) await once(socket, 'close') }))
})

if (node !== undefined) {
  const { address } = node
  const idsIn = async (queue: string) => (await take(address, queue)).map(({ properties }) => String(properties.messageId))

  targetContract(t, 'rabbitmq', async t => {
    const { exchange, queue } = await freshQueue(address)
    const arrived = new Set<string>()
    let door: () => Promise<void> = async () => {}
    const atNextWrite = (what: () => Promise<void>) => {
      door = async () => {
        door = async () => {}
        await what()
      }
    }
    const between = new URL(await proxy(t, `amqp://${address}`, async text => {
      if (text.includes('baton-id')) await door()
      return 'pass'
    })).host
    return {
      open: context => rabbitmq.configure({ ...signOn, servers: [between], exchange, maxMessageBytes: 1_048_576 }).open(context),
      together: 500,
      arrived: async () => {
        for (const id of await idsIn(queue)) arrived.add(id)
        return arrived
      },
      server: { stopMidway: async () => { atNextWrite(node.stop) }, start: node.start },
      hang: async () => { await new Promise<void>(resolve => { atNextWrite(async () => { resolve(); await new Promise(() => {}) }) }) },
      poisoned: () => anEvent({ body: { Name: 'x'.repeat(1_048_576) } })
    }
  })

  t.test('a message is the event: its bytes, its id, and in headers what the body does not say; it outlives the node', async t => {
    const { exchange, queue } = await freshQueue(address)
    const [plainOne, decided] = [anEvent({ receivedAt: 1_700_000_000_000.25, orderingKey: '@TGS#1 ü\r\n', query: 'a=é&b="%20' }), anEvent({ eventTime: null, query: 'x'.repeat(9_000), decision: { verdict: 'deny', by: 'fallback', took: 12.4 } })]
    t.same(await deliver(openTarget(t, { servers: [address], exchange, routingKey: '{app}.{command}' }), [plainOne, decided]), [delivered, delivered])
    const [first, second] = await take(address, queue)
    t.same(first?.content, plainOne.body)
    t.match(first, {
      fields: { exchange, routingKey: '1400000000.Group.CallbackAfterCreateGroup' },
      properties: {
        messageId: plainOne.id,
        type: plainOne.command,
        timestamp: 1_700_000_000,
        contentType: 'application/json',
        deliveryMode: 2,
        headers: {
          'baton-id': plainOne.id,
          'baton-command': plainOne.command,
          'baton-app-id': '1400000000',
          'baton-received-at': '2023-11-14T22:13:20.000Z',
          'baton-event-time': String(plainOne.eventTime),
          'baton-query': plainOne.query,
          'baton-key': '@TGS#1 ü\r\n'
        }
      }
    })
    t.match(second?.properties.headers, { 'baton-decision': 'deny; by=fallback; took=12' })
    t.same(Object.keys(second?.properties.headers ?? {}).filter(name => name === 'baton-event-time' || name === 'baton-query'), [], 'what is not there, or too long for a header')
  })

  t.test('events of a delivery stand in the queue in their order, and deliveries at once do not disturb each other', async t => {
    const { exchange, queue } = await freshQueue(address)
    const target = openTarget(t, { servers: [address], exchange })
    const deliveries = Array.from({ length: 20 }, () => Array.from({ length: 25 }, () => anEvent()))
    t.same((await Promise.all(deliveries.map(async events => await deliver(target, events)))).flat().filter(({ kind }) => kind !== 'delivered'), [])
    const ids = await idsIn(queue)
    t.equal(ids.length, 500)
    for (const events of deliveries) {
      const own = new Set(events.map(({ id }) => id))
      t.same(ids.filter(id => own.has(id)), [...own])
    }
  })

  t.test('what no queue is bound for comes back, though RabbitMQ confirms it, and is trouble of its own alone', async t => {
    const { exchange, queue } = await freshQueue(address, { keys: 'Group.CallbackAfterCreateGroup' })
    const target = openTarget(t, { servers: [address], exchange })
    const lost = { kind: 'retry', slow: true, code: 'rabbitmq_unroutable', reason: /bind one/ }
    const topicEvent = () => anEvent({ command: 'Group.CallbackAfterCreateTopic' })
    const [first, second] = [anEvent(), anEvent()]
    t.match(await deliver(target, [topicEvent(), first, topicEvent(), second, topicEvent()]), [lost, delivered, lost, delivered, lost])
    t.same(await idsIn(queue), [first.id, second.id])
    const event = topicEvent()
    t.match(await deliver(target, [event]), [lost])
    await withChannel(address, async channel => { await channel.bindQueue(queue, exchange, '#') })
    t.match(await deliver(target, [event]), [delivered], 'it is taken as soon as a queue is bound')
  })

  t.test('exchanges follow the template; one that is not there is trouble of its own events alone, and is not created', async t => {
    const { exchange } = await freshQueue(address)
    const { queue } = await freshQueue(address, { exchange: `${exchange}.Group.CallbackAfterCreateGroup` })
    const target = openTarget(t, { servers: [address], exchange: `${exchange}.{command}` })
    const missing = { kind: 'retry', slow: true, code: 'rabbitmq_not_found', reason: /create it, or mend exchange/ }
    const topicEvent = () => anEvent({ command: 'Group.CallbackAfterCreateTopic' })
    const [first, second] = [anEvent(), anEvent()]
    t.match(await deliver(target, [first, topicEvent(), topicEvent(), second]), [delivered, missing, missing, delivered])
    t.match(await deliver(target, [topicEvent(), anEvent()]), [missing, delivered], 'also when it is tried again')
    t.same((await idsIn(queue)).slice(0, 2), [first.id, second.id])
    t.match(await ask(target), delivered, 'a template with commands is tested as far as nodes and credentials go')
    t.match(await ask(openTarget(t, { servers: [address], exchange: `${exchange}.{app}` })), missing)
    t.match(await ask(openTarget(t, { servers: [address], exchange })), delivered)
  })

  t.test('the default exchange brings events to the queue of that name, in the virtual host that is named', async t => {
    const { queue } = await freshQueue(address, { vhost: 'chat' })
    const target = openTarget(t, { servers: [address], vhost: 'chat', exchange: '', routingKey: queue })
    const event = anEvent()
    t.match(await ask(target), delivered)
    t.match(await deliver(target, [event]), [delivered])
    t.same((await take(address, queue, 'chat')).map(({ properties }) => properties.messageId), [event.id], 'and a test has left nothing there')
    t.match(await deliver(openTarget(t, { servers: [address], exchange: '', routingKey: queue }), [event]), [{ code: 'rabbitmq_unroutable' }])
  })

  t.test('what a full queue refuses is tried again, alone', async t => {
    const { exchange, queue } = await freshQueue(address, { options: { maxLength: 2, overflow: 'reject-publish' } })
    const target = openTarget(t, { servers: [address], exchange })
    const refused = { kind: 'retry', slow: undefined, code: 'rabbitmq_nack', reason: /overflow: reject-publish/ }
    for (const event of [anEvent(), anEvent()]) t.match(await deliver(target, [event]), [delivered])
    t.match(await deliver(target, [anEvent()]), [refused])
    t.equal((await take(address, queue)).length, 2)
    t.match(await deliver(target, [anEvent()]), [delivered])
  })

  t.test('a node that is frozen costs an attempt its time and no more, and the next one a connection of its own', async t => {
    const { exchange, queue } = await freshQueue(address)
    const target = openTarget(t, { servers: [address], exchange })
    await deliver(target, [anEvent()])
    node.freeze()
    t.teardown(node.thaw)
    const late = { kind: 'retry', code: 'timeout' }
    const events = [anEvent(), anEvent()]
    t.match(await deliver(target, events, AbortSignal.timeout(300)), [late, late])
    t.match(await ask(target, AbortSignal.timeout(300)), late)
    node.thaw()
    t.same(await deliver(target, events), [delivered, delivered])
    const ids = await idsIn(queue)
    t.same(events.filter(({ id }) => !ids.includes(id)), [])
  })

  t.test('a node that was killed and comes back has kept all that it has confirmed', async t => {
    const { exchange, queue } = await freshQueue(address)
    const target = openTarget(t, { servers: [`127.0.0.1:${await freePort()}`, address], exchange })
    const events = Array.from({ length: 30 }, () => anEvent())
    t.same(await deliver(target, events), events.map(() => delivered))
    await node.stop()
    t.match(await deliver(target, [anEvent()]), [{ kind: 'retry', slow: undefined, code: /^network_/ }])
    await node.start()
    const after = anEvent()
    t.match(await deliver(target, [after]), [delivered])
    t.same(await idsIn(queue), [...events, after].map(({ id }) => id))
  })

  t.test('who may not sign on, enter or write is told what to mend, without passwords', async t => {
    const { exchange } = await freshQueue(address)
    const lines: string[] = []
    const wrong = (code: string, reason: RegExp) => ({ kind: 'retry', slow: true, code, reason })
    for (const [settings, expected, tested] of [
      [{ password: 'mistaken' }, wrong('rabbitmq_sign_on_refused', /mend user and password/), wrong('rabbitmq_sign_on_refused', /mend user/)],
      [{ user: 'nobody' }, wrong('rabbitmq_sign_on_refused', /mend user and password/), wrong('rabbitmq_sign_on_refused', /mend user/)],
      [{ vhost: 'nowhere' }, wrong('rabbitmq_vhost_refused', /create it, mend vhost/), wrong('rabbitmq_vhost_refused', /vhost/)],
      [{ user: 'reader', vhost: 'chat' }, wrong('rabbitmq_vhost_refused', /grant the user permissions/), wrong('rabbitmq_vhost_refused', /vhost/)],
      [{ user: 'reader' }, wrong('rabbitmq_access_refused', /grant it write/), delivered]
    ] as const) {
      const target = openTarget(t, { servers: [address], exchange, ...settings }, { lines })
      const outcomes = [await deliver(target, [anEvent(), anEvent()]), await ask(target)]
      t.match(outcomes, [[expected, expected], tested], JSON.stringify(settings))
      t.notMatch(JSON.stringify([outcomes, lines]), /secret|mistaken/)
    }
    t.match(lines.join(''), /goes over the network as it is/)
  })

  t.test('TLS is spoken with those whose certificate can be checked alone', async t => {
    const { exchange } = await freshQueue(address)
    const { tls, ca } = node
    const folder = t.testdir({ 'ca.pem': ca })
    const open = (own: object, server = tls) => openTarget(t, { servers: [server], exchange, ...own }, { timeout: 2_000 })
    for (const trusted of [ca, `${folder}/ca.pem`]) t.match(await deliver(open({ tls: { ca: trusted } }), [anEvent()]), [delivered])
    t.match(await deliver(open({ tls: { ca } }, tls.replace('127.0.0.1', 'localhost')), [anEvent()]), [delivered], 'by name')
    const untrusted = { kind: 'retry', slow: true, code: /^network_.*(cert|verify|signed)/, reason: /TLS with the nodes does not come about/ }
    for (const wrong of [{}, { ca: certificate().cert }]) t.match(await deliver(open({ tls: wrong }), [anEvent()]), [untrusted])
    t.match(await deliver(open({ tls: { ca } }, address), [anEvent()]), [{ kind: 'retry', code: /^network_/ }], 'a port without TLS')
    t.match(await deliver(open({}), [anEvent()]), [{ kind: 'retry', code: /^network_/ }], 'TLS where none is asked for')
  })

  t.test('what nodes are too small for is rejected alone, though they do not say which it was', async t => {
    const small = await rabbitmqServer(t, { settings: 'max_message_size = 2000' })
    if (small === undefined) return
    const { exchange, queue } = await freshQueue(small.address)
    const [fit, large] = [() => anEvent({ body: { Name: 'x' } }), () => anEvent({ body: { Name: 'x'.repeat(2_000) } })]
    const events = [fit(), large(), fit(), fit(), large(), fit()]
    const expected = events.map(({ body }) => body.length > 2_000 ? { kind: 'reject', code: 'rabbitmq_message_too_large', reason: /max_message_size/ } : delivered)
    const target = openTarget(t, { servers: [small.address], exchange })
    t.match(await deliver(target, events), expected)
    t.match(await deliver(target, [fit()]), [delivered])
    const ids = new Set((await take(small.address, queue)).map(({ properties }) => String(properties.messageId)))
    t.same(events.filter(({ id }) => ids.has(id)), events.filter(({ body }) => body.length < 2_000))
  })

  t.test('a node that is short of memory is told from one that is late', async t => {
    const short = await rabbitmqServer(t, { settings: 'vm_memory_high_watermark.absolute = 1' })
    if (short === undefined) return
    const { exchange } = await freshQueue(short.address)
    t.match(await deliver(openTarget(t, { servers: [short.address], exchange }), [anEvent()], AbortSignal.timeout(1_000)), [{ kind: 'retry', code: 'rabbitmq_blocked', reason: /short of memory or disk/ }])
  })
}
