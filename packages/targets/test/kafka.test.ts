import { execFile } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { promisify } from 'node:util'
import type { Event } from '@baton/contracts'
import { RelayDocument, createLogger } from '@baton/runtime'
import { anEvent, certificate, freePort, kafkaBroker, receiver } from '@baton/testing'
import { Producer } from '@platformatic/kafka'
import t, { type Test } from 'tap'
import { readTargets, type Outcome, type Target } from '../src/index.ts'
import { kafka } from '../src/kafka/kafka.ts'
import { messageOf } from '../src/kafka/message-of-event.ts'
import { send } from '../src/kafka/send.ts'
import { targetContract } from '../src/target-contract.ts'
import { topicTemplate } from '../src/topic-template.ts'
import { freshTopic, recordsIn, writable } from './kafka/records.ts'
import { proxy } from './sql/proxy.ts'

const broker = await kafkaBroker(t)

interface Opening { timeout?: number, lines?: string[] }

/** Opened as the relay file would, and closed with the test. */
function openTarget (t: Test, settings: object, { timeout = 10_000, lines = [] }: Opening = {}): Target {
  const { problems, open } = kafka.configure(settings)
  t.same(problems, [])
  const target = open({ name: 'stream', log: createLogger('test', 'trace', { write: line => { lines.push(line) } }), embeddedPostgresPort: 0, concurrency: 10, timeout })
  t.teardown(async () => { await target.close() })
  return target
}

const deliver = async (target: Target, events: Event[], signal = AbortSignal.timeout(20_000)) => await target.deliver(events, { signal, attempt: 1 })
const ask = async (target: Target, signal = AbortSignal.timeout(20_000)) => await target.test?.({ signal, appId: 1400000000, id: 'evt_test' })
const delivered = { kind: 'delivered' }
const idsIn = async (topic: string) => broker === undefined ? [] : (await recordsIn(broker.plain, topic)).map(({ headers }) => headers['baton-id'] ?? '')

/** Whether a chunk is a request to write records: a length, and the number of the request. */
const isProduce = (text: string) => text.length > 8 && text.charCodeAt(4) === 0 && text.charCodeAt(5) === 0

t.test('a template is read, and what cannot be a topic is refused', async t => {
  const { topicOf, longest, byCommand } = topicTemplate('chat.{app}.{command}-{app}')
  t.equal(topicOf({ appId: 1400000000, command: 'Group.CallbackAfterCreateGroup' }), 'chat.1400000000.Group.CallbackAfterCreateGroup-1400000000')
  t.equal(longest, 5 + 10 + 1 + 128 + 1 + 10)
  t.equal(byCommand, true)
  t.equal(topicTemplate('chat').byCommand, false)
})

t.test('the client is loaded by those who deliver to Kafka, and by nobody else', async t => {
  const loaded = async (then: string) => {
    const hook = 'export async function resolve (name, context, next) { if (name.startsWith("@platformatic/")) process._rawDebug("loaded " + name); return await next(name, context) }'
    const watch = `import { register } from 'node:module'; register('data:text/javascript,${encodeURIComponent(hook)}')`
    const program = `import { targetTypes } from '@baton/targets'; const kafka = targetTypes.find(({ type }) => type === 'kafka'); ${then}`
    const { stderr } = await promisify(execFile)(process.execPath, ['--import', `data:text/javascript,${encodeURIComponent(watch)}`, '--input-type=module', '--eval', program], { env: { PATH: process.env.PATH } })
    return stderr.includes('loaded @platformatic/kafka')
  }
  const opened = "const target = (await kafka.configure({ brokers: ['127.0.0.1:1'], topic: 'chat' }, '.')).open({ timeout: 100 })"
  t.equal(await loaded(''), false)
  t.equal(await loaded(`${opened}; await target.deliver([], { signal: AbortSignal.timeout(100), attempt: 1 })`), false)
  t.equal(await loaded(`${opened}; await target.test({ signal: AbortSignal.timeout(1_000), appId: 1, id: '' })`), true)
})

t.test('settings that cannot work are told at start', async t => {
  const problems = async (target: string) => {
    const document = new RelayDocument('baton.yaml', `targets:\n  a:\n    { type: kafka, ${target} }\n`, () => undefined)
    await readTargets(document)
    return document.problems
  }
  const good = 'brokers: ["kafka.example.com:9092"], topic: "chat.{app}.{command}"'
  t.same(await problems(good), [])
  t.same(await problems(`${good}, tls: {}, sasl: { mechanism: plain, username: a, password: b }, compression: lz4, outcomes: { kafka_message_too_large: retry, "kafka_*": wrong }`), [])
  for (const [target, problem] of [
    ['brokers: ["kafka.example.com"], topic: chat', /brokers\[0\].*host:port/],
    ['brokers: ["kafka.example.com:0"], topic: chat', /brokers: has a port that there is not/],
    ['brokers: [], topic: chat', /brokers/],
    ['brokers: ["a:1"], topic: "chat.{id}"', /topic.*\{app\} and \{command\}/],
    ['brokers: ["a:1"], topic: "chat events"', /topic/],
    ['brokers: ["a:1"], topic: ".."', /topic: is a name that Kafka keeps for itself/],
    ['brokers: ["a:1"], topic: "{command}.{command}"', /topic: can become a name of 257 characters/],
    [`${good}, tls: { cert: /etc/cert.pem }`, /tls: has one of cert and key/],
    [`${good}, tls: { ca: cert.pem }`, /tls\.ca.*absolute path/],
    [`${good}, sasl: { mechanism: plain, username: a, password: "b " }`, /password/],
    [`${good}, acks: 1`, /acks/],
    [`${good}, outcomes: { http_500: retry }`, /outcomes\.http_500/]
  ] as const) t.match((await problems(target)).join('\n'), problem, target)
})

t.test('operators are shown where events go, and no password', async t => {
  const { description } = kafka.configure({ brokers: ['a:1', 'b:2'], topic: 'chat', sasl: { mechanism: 'plain', username: 'ann', password: 'secret' } })
  t.same(description, { to: 'kafka://a:1,b:2/chat' })
})

t.test('who is not there, has another name or speaks something else is told, with what to mend', async t => {
  const nobody = `127.0.0.1:${await freePort()}`
  const http = new URL((await receiver(t, () => 200)).url).host
  for (const [settings, expected] of [
    [{ brokers: [nobody] }, { kind: 'retry', slow: undefined, code: 'network_econnrefused' }],
    [{ brokers: ['kafka.invalid:9092'] }, { kind: 'retry', slow: true, code: 'network_enotfound', reason: /mend brokers/ }],
    [{ brokers: ['kafka.invalid:9092', nobody] }, { kind: 'retry', slow: undefined, code: 'network_econnrefused' }],
    [{ brokers: [http] }, { kind: 'retry', code: /^network_/, reason: /tls and sasl/ }],
    [{ brokers: [nobody], tls: { ca: '/nowhere/ca.pem' } }, { kind: 'retry', slow: true, code: 'tls_unfit', reason: /the file of ca cannot be read \(ENOENT\)/ }],
    [{ brokers: [nobody], tls: { ca: '-----BEGIN CERTIFICATE-----\nno\n-----END CERTIFICATE-----' } }, { kind: 'retry', slow: true, code: 'tls_unfit', reason: /PEM of ca does not fit/ }]
  ] as const) {
    const target = openTarget(t, { topic: 'chat', ...settings }, { timeout: 1_000 })
    const outcomes = await deliver(target, [anEvent(), anEvent()])
    t.match(outcomes, [expected, expected], JSON.stringify(settings))
    t.match(await ask(target), expected)
  }
})

if (broker !== undefined) {
  const { plain } = broker

  let rigs = 0
  /** What the door does when somebody writes through it; one for all tests, since the port is the broker's. */
  let door: () => Promise<void> = async () => {}
  let loseNextAnswer = false
  await proxy(t, `kafka://${broker.door}`, async text => {
    if (!isProduce(text)) return 'pass'
    await door()
    const lost = loseNextAnswer
    loseNextAnswer = false
    return lost ? 'lose-answer' : 'pass'
  }, broker.doorPort)
  /** Does something when the next records are written, once. */
  const atNextWrite = (what: () => Promise<void>) => {
    door = async () => {
      door = async () => {}
      await what()
    }
  }

  targetContract(t, 'kafka', async t => {
    const topic = await freshTopic(plain, { partitions: ++rigs % 2 === 0 ? 1 : 4 })
    return {
      open: context => {
        const settings = kafka.configure({ brokers: [`127.0.0.1:${broker.doorPort}`], topic })
        return settings.open(context)
      },
      together: 500,
      arrived: async () => new Set(await idsIn(topic)),
      server: {
        stopMidway: async () => { atNextWrite(broker.stop) },
        start: async () => {
          await broker.start()
          await writable(plain, topic)
        }
      },
      hang: async () => { await new Promise<void>(resolve => { atNextWrite(async () => { resolve(); await new Promise(() => {}) }) }) },
      poisoned: () => anEvent({ body: { Name: 'x'.repeat(1_048_588) } })
    }
  })

  t.test('a record is the event: its key, its bytes, its time, and in headers what the body does not say', async t => {
    const topic = await freshTopic(plain)
    const [plainOne, decided] = [anEvent({ receivedAt: 1_700_000_000_000.25, orderingKey: '@TGS#1 ü' }), anEvent({ eventTime: null, query: 'x'.repeat(9_000), decision: { verdict: 'deny', by: 'fallback', took: 12.4 } })]
    t.same(await deliver(openTarget(t, { brokers: [plain], topic }), [plainOne, decided]), [delivered, delivered])
    const records = await recordsIn(plain, topic)
    t.strictSame(records.find(({ headers }) => headers['baton-id'] === plainOne.id), {
      partition: records.find(({ headers }) => headers['baton-id'] === plainOne.id)?.partition,
      key: '@TGS#1 ü',
      value: plainOne.body,
      timestamp: 1_700_000_000_000,
      headers: {
        'baton-id': plainOne.id,
        'baton-command': plainOne.command,
        'baton-app-id': '1400000000',
        'baton-received-at': '2023-11-14T22:13:20.000Z',
        'baton-event-time': String(plainOne.eventTime),
        'baton-query': plainOne.query
      }
    })
    const { headers } = records.find(({ headers }) => headers['baton-id'] === decided.id) ?? {}
    t.match(headers, { 'baton-decision': 'deny; by=fallback; took=12' })
    t.same(Object.keys(headers ?? {}).filter(name => name === 'baton-event-time' || name === 'baton-query'), [], 'what is not there, or too long for a header')
  })

  t.test('a key goes to the partition where the clients of Apache put it', async t => {
    const topic = await freshTopic(plain, { partitions: 50 })
    // Of the tests of Apache's own client: what murmur2 makes of them.
    const hashes = { 21: -973_932_308, foobar: -790_332_482, 'a-little-bit-long-string': -985_981_536, 'a-little-bit-longer-string': -1_486_304_829, lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8: -58_897_971, abc: 479_470_107 }
    const events = Object.keys(hashes).map(orderingKey => anEvent({ orderingKey }))
    t.same(await deliver(openTarget(t, { brokers: [plain], topic }), events), events.map(() => delivered))
    const partitions = Object.fromEntries((await recordsIn(plain, topic)).map(({ key, partition }) => [key, partition]))
    t.same(partitions, Object.fromEntries(Object.entries(hashes).map(([key, hash]) => [key, (hash & 0x7F_FF_FF_FF) % 50])))
  })

  t.test('topics follow the template; one that is not there is trouble of its own events alone, and is not created', async t => {
    const prefix = randomUUID()
    await freshTopic(plain, { name: `${prefix}.1400000000.Group.CallbackAfterCreateGroup` })
    const target = openTarget(t, { brokers: [plain], topic: `${prefix}.{app}.{command}` })
    const missing = { kind: 'retry', slow: true, code: 'kafka_unknown_topic_or_partition', reason: /create it, mend topic/ }
    const topicEvent = () => anEvent({ command: 'Group.CallbackAfterCreateTopic' })
    t.match(await deliver(target, [anEvent(), topicEvent(), anEvent()]), [delivered, missing, delivered])
    t.match(await deliver(target, [topicEvent(), topicEvent(), anEvent()]), [missing, missing, delivered], 'also when it is asked again')
    t.match(await ask(target), delivered, 'a template with commands is tested as far as brokers and credentials go')
    t.match(await ask(openTarget(t, { brokers: [plain], topic: `${prefix}.{app}` })), missing)
    await freshTopic(plain, { name: `${prefix}.1400000000.Group.CallbackAfterCreateTopic` })
    t.match(await deliver(target, [topicEvent()]), [delivered], 'it is there as soon as somebody has created it')
  })

  t.test('what a topic does not take is rejected alone, whoever knows its limit', async t => {
    const topic = await freshTopic(plain, { partitions: 1, config: { 'max.message.bytes': '20000' } })
    const [small, large] = [() => anEvent({ body: { Name: 'x' } }), () => anEvent({ body: { Name: 'x'.repeat(20_000) } })]
    const tooLarge = { kind: 'reject', code: 'kafka_message_too_large', reason: /max\.message\.bytes.*maxMessageBytes/ }
    const events = [small(), large(), ...Array.from({ length: 60 }, small), large(), small()]
    const expected = events.map(({ body }) => body.length > 20_000 ? tooLarge : delivered)
    for (const settings of [{}, { maxMessageBytes: 20_000 }]) {
      const before = await idsIn(topic)
      t.match(await deliver(openTarget(t, { brokers: [plain], topic, ...settings }), events), expected)
      t.same((await idsIn(topic)).slice(before.length), events.filter(({ body }) => body.length < 20_000).map(({ id }) => id), 'each once, and in their order')
    }
  })

  t.test('more than one batch takes comes in several', async t => {
    const topic = await freshTopic(plain, { partitions: 1 })
    const events = Array.from({ length: 12 }, () => anEvent({ body: { Name: 'x'.repeat(300_000) } }))
    t.same(await deliver(openTarget(t, { brokers: [plain], topic }), events), events.map(() => delivered))
    t.same(await idsIn(topic), events.map(({ id }) => id))
  })

  t.test('an event whose time the topic does not take is rejected, and says why', async t => {
    const topic = await freshTopic(plain, { partitions: 1, config: { 'message.timestamp.before.max.ms': '86400000' } })
    t.match(await deliver(openTarget(t, { brokers: [plain], topic }), [anEvent(), anEvent({ receivedAt: 1_000 }), anEvent()]), [delivered, { kind: 'reject', code: 'kafka_invalid_timestamp', reason: /message\.timestamp\.before\.max\.ms/ }, delivered])
  })

  t.test('a leader that has been forgotten is asked for anew, and the process goes on', async t => {
    const topic = await freshTopic(plain, { partitions: 1 })
    const producer = new Producer({ clientId: 'test', bootstrapBrokers: [plain], idempotent: true })
    t.teardown(async () => { await producer.close() })
    await producer.metadata({ topics: [topic] })
    const partition = producer.currentMetadata?.topics.get(topic)?.partitions[0]
    if (partition === undefined) return t.fail('nothing is remembered')
    partition.leader = 9
    const message = messageOf(anEvent(), topic)
    const outcomes: Outcome[] = []
    const attempt = async () => await send({ producer, hash: () => 0 }, [message], 1_000_000, (_messages, outcome) => { outcomes.push(outcome) })
    t.equal(await attempt(), false)
    t.equal(await attempt(), true)
    t.match(outcomes, [{ kind: 'retry', slow: undefined, code: 'kafka_leader_not_available' }, delivered])
  })

  t.test('every compression can be read', async t => {
    for (const compression of ['none', 'gzip', 'snappy', 'lz4']) {
      const topic = await freshTopic(plain)
      const events = Array.from({ length: 50 }, () => anEvent())
      t.same(await deliver(openTarget(t, { brokers: [plain], topic, compression }), events), events.map(() => delivered), compression)
      const values = new Set((await recordsIn(plain, topic)).map(({ value }) => String(value)))
      t.same(values, new Set(events.map(({ body }) => String(body))), compression)
    }
  })

  t.test('deliveries at once are all written, each event once and those of a delivery in their order', async t => {
    const topic = await freshTopic(plain, { partitions: 2 })
    const target = openTarget(t, { brokers: [plain], topic })
    const first = anEvent()
    t.same(await deliver(target, [first]), [delivered]) // so that there is a producer, which they could share
    const deliveries = Array.from({ length: 40 }, (_, nth) => Array.from({ length: 1 + nth % 3 }, () => anEvent({ orderingKey: `key ${nth}` })))
    t.same((await Promise.all(deliveries.map(async events => await deliver(target, events)))).flat().filter(({ kind }) => kind !== 'delivered'), [])
    const records = await recordsIn(plain, topic)
    t.same(records.map(({ headers }) => headers['baton-id']).sort(), [first, ...deliveries.flat()].map(({ id }) => id).sort())
    for (const [nth, events] of deliveries.entries()) t.same(records.filter(({ key }) => key === `key ${nth}`).map(({ headers }) => headers['baton-id']), events.map(({ id }) => id))
  })

  t.test('an attempt that ends without an answer loses nothing, and is no part of the next one', async t => {
    const topic = await freshTopic(plain, { partitions: 1 })
    const target = openTarget(t, { brokers: [`127.0.0.1:${broker.doorPort}`], topic })
    const [first, ...others] = Array.from({ length: 5 }, () => anEvent())
    if (first === undefined) return
    await deliver(target, [first])
    const clock = new AbortController()
    atNextWrite(async () => {
      clock.abort()
      await new Promise(() => {}) // what was to be written stays at the door
    })
    const late = { kind: 'retry', code: 'timeout' }
    t.match(await deliver(target, others.slice(0, 2), clock.signal), [late, late])
    // As many others: numbered as those were, the broker would take them for repeats, say so to nobody, and drop them.
    t.same(await deliver(target, others.slice(2)), [delivered, delivered])
    t.same(await deliver(target, others.slice(0, 2)), [delivered, delivered])
    t.same(await idsIn(topic), [first, ...others.slice(2), ...others.slice(0, 2)].map(({ id }) => id))
  })

  t.test('an answer that is lost is asked for again within the attempt, and nothing is written twice', async t => {
    const topic = await freshTopic(plain, { partitions: 1 })
    const target = openTarget(t, { brokers: [`127.0.0.1:${broker.doorPort}`], topic })
    const events = Array.from({ length: 3 }, () => anEvent())
    loseNextAnswer = true
    t.same(await deliver(target, events), events.map(() => delivered))
    t.equal(loseNextAnswer, false)
    t.same(await idsIn(topic), events.map(({ id }) => id))
  })

  t.test('a broker that takes connections and breaks them is not in the way of those that work', async t => {
    const topic = await freshTopic(plain)
    const broken = new URL(await proxy(t, `kafka://${plain}`, async () => 'lose-answer')).host
    const target = openTarget(t, { brokers: [broken, plain], topic })
    t.match(await deliver(target, [anEvent()]), [{ kind: 'retry', code: /^network_/ }])
    t.same(await deliver(target, [anEvent()]), [delivered])
  })

  t.test('who may not sign on, or may not write, is told what to mend, without passwords', async t => {
    const topic = await freshTopic(plain)
    const brokers = [broker.sasl]
    const lines: string[] = []
    for (const mechanism of ['plain', 'scram-sha-256']) {
      const target = openTarget(t, { brokers, topic, sasl: { mechanism, username: 'baton', password: 'secret' } }, { lines })
      t.match(await deliver(target, [anEvent()]), [delivered], mechanism)
      t.match(await ask(target), delivered)
    }
    t.match(lines.join(''), /goes over the network as it is/)
    const wrong = { kind: 'retry', slow: true, code: 'kafka_sasl_authentication_failed', reason: /mend sasl/ }
    for (const [sasl, expected] of [
      [{ mechanism: 'plain', username: 'baton', password: 'mistaken' }, wrong],
      [{ mechanism: 'scram-sha-256', username: 'baton', password: 'mistaken' }, wrong],
      [{ mechanism: 'scram-sha-256', username: 'nobody', password: 'secret' }, wrong],
      [{ mechanism: 'scram-sha-512', username: 'baton', password: 'secret' }, { kind: 'retry', slow: true, code: 'kafka_unsupported_sasl_mechanism', reason: /mend mechanism/ }],
      [{ mechanism: 'plain', username: 'guest', password: 'guest' }, { kind: 'retry', slow: true, code: /^kafka_(topic|cluster)_authorization_failed$/, reason: /grant it/ }]
    ] as const) {
      const target = openTarget(t, { brokers, topic, sasl }, { lines })
      const outcomes = await deliver(target, [anEvent()])
      t.match(outcomes, [expected], JSON.stringify(sasl))
      t.notMatch(JSON.stringify([outcomes, lines]), /secret|mistaken/)
    }
  })

  t.test('TLS is spoken with those whose certificate can be checked alone', async t => {
    const topic = await freshTopic(plain)
    const { tls, ca } = broker
    const folder = t.testdir({ 'ca.pem': ca })
    for (const trusted of [ca, `${folder}/ca.pem`]) t.match(await deliver(openTarget(t, { brokers: [tls], topic, tls: { ca: trusted } }), [anEvent()]), [delivered])
    const untrusted = { kind: 'retry', slow: true, code: /^network_.*(cert|verify|signed)/, reason: /TLS with the brokers does not come about/ }
    for (const wrong of [{}, { ca: certificate().cert }]) t.match(await deliver(openTarget(t, { brokers: [tls], topic, tls: wrong }), [anEvent()]), [untrusted])
    t.match(await deliver(openTarget(t, { brokers: [tls.replace('127.0.0.1', 'localhost')], topic, tls: { ca } }), [anEvent()]), [delivered], 'by name')
    t.match(await deliver(openTarget(t, { brokers: [plain], topic, tls: { ca } }, { timeout: 2_000 }), [anEvent()]), [{ kind: 'retry', code: /^(network_|timeout)/ }], 'a listener without TLS')
    t.match(await deliver(openTarget(t, { brokers: [tls], topic }, { timeout: 2_000 }), [anEvent()]), [{ kind: 'retry', code: /^(network_|timeout)/ }], 'TLS where none is asked for')
  })

  t.test('a broker that answers nothing costs an attempt its time and no more, and is used again when it wakes', async t => {
    const topic = await freshTopic(plain, { partitions: 1 })
    const target = openTarget(t, { brokers: [plain], topic })
    await deliver(target, [anEvent()])
    broker.freeze()
    t.teardown(broker.thaw)
    const late = { kind: 'retry', code: 'timeout', reason: 'Kafka did not answer in time' }
    t.match(await deliver(target, [anEvent(), anEvent()], AbortSignal.timeout(300)), [late, late])
    t.match(await ask(openTarget(t, { brokers: [plain], topic }), AbortSignal.timeout(300)), late)
    broker.thaw()
    const event = anEvent()
    t.match(await deliver(target, [event]), [delivered])
    t.ok((await idsIn(topic)).includes(event.id))
  })

  t.test('a test leaves nothing in the topic', async t => {
    const topic = await freshTopic(plain)
    const target = openTarget(t, { brokers: [plain], topic })
    t.same([await ask(target), await ask(target)], [delivered, delivered])
    t.same(await idsIn(topic), [])
  })

  t.test('a broker that was killed and comes back loses nothing that it has taken', async t => {
    const topic = await freshTopic(plain)
    const target = openTarget(t, { brokers: [plain], topic })
    const events = Array.from({ length: 30 }, () => anEvent())
    t.same(await deliver(target, events), events.map(() => delivered))
    await broker.stop()
    t.match(await deliver(target, [anEvent()]), [{ kind: 'retry', slow: undefined, code: /^network_/ }])
    await broker.start()
    await writable(plain, topic)
    const after = anEvent()
    t.match(await deliver(target, [after]), [delivered])
    t.same((await idsIn(topic)).sort(), [...events, after].map(({ id }) => id).sort())
  })
}
