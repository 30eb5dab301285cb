import { execFile } from 'node:child_process'
import { EventEmitter, once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import { promisify } from 'node:util'
import { DiscardPolicy } from '@nats-io/jetstream'
import { connect } from '@nats-io/transport-node'
import type { Event } from '@baton/contracts'
import { RelayDocument, createLogger } from '@baton/runtime'
import { anEvent, certificate, freePort, natsServer, receiver } from '@baton/testing'
import t, { type Test } from 'tap'
import { readTargets, type Target } from '../src/index.ts'
import { sharedConnection } from '../src/broker/shared-connection.ts'
import { nats } from '../src/nats/nats.ts'
import { targetContract } from '../src/target-contract.ts'
import { byNkey, freshStream, messagesIn, nkey, operatorWithUser, seal, withManager } from './nats/streams.ts'
import { proxy } from './sql/proxy.ts'

const server = await natsServer(t)

interface Opening { timeout?: number, lines?: string[] }

/** Opened as the relay file would, and closed with the test. */
function openTarget (t: Test, settings: object, { timeout = 10_000, lines = [] }: Opening = {}): Target {
  const { problems, open } = nats.configure(settings)
  t.same(problems, [])
  const target = open({ name: 'stream', log: createLogger('test', 'trace', { write: line => { lines.push(line) } }), embeddedPostgresPort: 0, concurrency: 10, timeout })
  t.teardown(async () => { await target.close() })
  return target
}

const deliver = async (target: Target, events: Event[], signal = AbortSignal.timeout(20_000)) => await target.deliver(events, { signal, attempt: 1 })
const ask = async (target: Target, signal = AbortSignal.timeout(20_000)) => await target.test?.({ signal, appId: 1400000000, id: 'evt_test' })
const delivered = { kind: 'delivered' }

t.test('settings that cannot work are told at start', async t => {
  const problems = async (target: string) => {
    const document = new RelayDocument('baton.yaml', `targets:\n  a:\n    { type: nats, ${target} }\n`, () => undefined)
    await readTargets(document)
    return document.problems
  }
  const good = 'servers: ["nats.example.com:4222"], subject: "chat.{app}.{command}"'
  t.same(await problems(good), [])
  t.same(await problems(`${good}, stream: CHAT, tls: {}, auth: { user: a, password: b }, outcomes: { nats_no_stream: reject, "nats_*": wrong, nats_10077: reject }`), [])
  for (const auth of ['{ token: a }', '{ nkeySeed: a }', '{ credentials: /etc/a.creds }']) t.same(await problems(`${good}, auth: ${auth}`), [])
  for (const [target, problem] of [
    ['servers: ["nats://nats.example.com:4222"], subject: chat', /servers\[0\].*host:port/],
    ['servers: ["nats.example.com:70000"], subject: chat', /servers: has a port that there is not/],
    ['servers: [], subject: chat', /servers/],
    ['servers: ["a:1"], subject: "chat.*"', /subject/],
    ['servers: ["a:1"], subject: "chat..events"', /subject/],
    ['servers: ["a:1"], subject: "chat.{id}"', /subject.*\{app\} and \{command\}/],
    [`servers: ["a:1"], subject: "${'{command}'.repeat(9)}"`, /subject: can become a subject of 1152 characters/],
    [`${good}, stream: "a.b"`, /stream/],
    [`${good}, tls: { cert: /etc/cert.pem }`, /tls: has one of cert and key/],
    [`${good}, auth: { user: a }`, /auth: has one of user and password/],
    [`${good}, auth: {}`, /auth: must have one way to sign on/],
    [`${good}, auth: { token: a, nkeySeed: b }`, /auth: must have one way to sign on/],
    [`${good}, auth: { token: "b " }`, /auth/],
    [`${good}, auth: { credentials: a.creds }`, /auth/],
    [`${good}, outcomes: { nats_1: retry }`, /outcomes\.nats_1/]
  ] as const) t.match((await problems(target)).join('\n'), problem, target)
})

t.test('operators are shown where events go, and no password', async t => {
  t.same(nats.configure({ servers: ['a:1', 'b:2'], subject: 'chat', auth: { user: 'ann', password: 'secret' } }).description, { to: 'nats://a:1,b:2/chat' })
})

t.test('the client is loaded by those who deliver to NATS, and by nobody else', async t => {
  const loaded = async (then: string) => {
    const hook = 'export async function resolve (name, context, next) { if (name.startsWith("@nats-io/")) process._rawDebug("loaded " + name); return await next(name, context) }'
    const watch = `import { register } from 'node:module'; register('data:text/javascript,${encodeURIComponent(hook)}')`
    const program = `import { targetTypes } from '@baton/targets'; const nats = targetTypes.find(({ type }) => type === 'nats'); ${then}`
    const { stderr } = await promisify(execFile)(process.execPath, ['--import', `data:text/javascript,${encodeURIComponent(watch)}`, '--input-type=module', '--eval', program], { env: { PATH: process.env.PATH } })
    return stderr.includes('loaded @nats-io/')
  }
  const opened = "const target = (await nats.configure({ servers: ['127.0.0.1:1'], subject: 'chat' }, '.')).open({ timeout: 100 })"
  t.equal(await loaded(opened), false)
  t.equal(await loaded(`${opened}; await target.test({ signal: AbortSignal.timeout(1_000), appId: 1, id: '' })`), true)
})

t.test('who is not there, has another name or speaks something else is told, with what to mend', async t => {
  const nobody = `127.0.0.1:${await freePort()}`
  const http = new URL((await receiver(t, () => 200)).url).host
  for (const [settings, expected] of [
    [{ servers: [nobody] }, { kind: 'retry', slow: undefined, code: 'network_econnrefused', reason: /ports for clients/ }],
    [{ servers: ['nats.invalid:4222'] }, { kind: 'retry', slow: true, code: 'network_enotfound', reason: /mend servers/ }],
    [{ servers: ['nats.invalid:4222', nobody] }, { kind: 'retry', slow: undefined, code: 'network_econnrefused' }],
    [{ servers: [http] }, { kind: 'retry', code: /^(network_broken|timeout)$/ }],
    [{ servers: [nobody], tls: { ca: '/nowhere/ca.pem' } }, { kind: 'retry', slow: true, code: 'tls_unfit', reason: /the file of ca cannot be read \(ENOENT\)/ }],
    [{ servers: [nobody], tls: { ca: '-----BEGIN CERTIFICATE-----\nno\n-----END CERTIFICATE-----' } }, { kind: 'retry', slow: true, code: 'tls_unfit', reason: /PEM of ca does not fit/ }],
    [{ servers: [nobody], auth: { nkeySeed: 'SUnothing' } }, { kind: 'retry', slow: true, code: 'nats_credentials_unfit', reason: /nkeySeed does not fit/ }],
    [{ servers: [nobody], auth: { credentials: '-----BEGIN NATS USER JWT-----' } }, { kind: 'retry', slow: true, code: 'nats_credentials_unfit', reason: /credentials does not fit/ }],
    [{ servers: [nobody], auth: { credentials: '/nowhere/a.creds' } }, { kind: 'retry', slow: true, code: 'nats_credentials_unfit', reason: /the file of credentials cannot be read \(ENOENT\)/ }]
  ] as const) {
    const target = openTarget(t, { subject: 'chat', ...settings }, { timeout: 1_000 })
    const outcomes = await deliver(target, [anEvent(), anEvent()])
    t.match(outcomes, [expected, expected], JSON.stringify(settings))
    t.match(await ask(target), expected)
  }
})

t.test('a server that takes connections and never answers costs an attempt its time and no more', async t => {
  const sockets: Socket[] = []
  const silent = createServer(socket => { sockets.push(socket.on('error', () => {})) }).listen(0, '127.0.0.1')
  await once(silent, 'listening')
  t.teardown(() => {
    for (const socket of sockets) socket.destroy()
    silent.close()
  })
  const address = silent.address()
  if (address === null || typeof address === 'string') return t.fail('it does not listen')
  const target = openTarget(t, { servers: [`127.0.0.1:${address.port}`], subject: 'chat' }, { timeout: 200 })
  const late = { kind: 'retry', code: 'timeout', reason: /did not answer in time/ }
  t.match(await deliver(target, [anEvent(), anEvent()], AbortSignal.timeout(50)), [late, late])
  t.match(await deliver(target, [anEvent()]), [late], 'nor longer than a connection may take')
  t.match(await ask(target), late)
})

t.test('in the name of an attempt that ended while a connection was made nothing is done, and the connection is let go', async t => {
  const [connected, ended] = [new EventEmitter(), new EventEmitter()]
  const shared = sharedConnection<string>({
    connect: async () => String(await once(connected, 'now')),
    end: async connection => { ended.emit('now', connection) }
  })
  const clock = new AbortController()
  const done: string[] = []
  const first = shared.lend(clock.signal, async connection => { done.push(`first with ${connection}`) })
  clock.abort()
  await t.rejects(first)
  const second = shared.lend(AbortSignal.timeout(20_000), async connection => { done.push(`second with ${connection}`) })
  const letGo = once(ended, 'now')
  connected.emit('now', 'a connection')
  t.same(await letGo, ['a connection'])
  await second
  t.same(done, ['second with a connection'])
})

if (server !== undefined) {
  const { address } = server
  const access = { address }
  const idsIn = async (stream: string) => (await messagesIn(access, stream)).map(({ headers }) => headers['baton-id'] ?? '')

  targetContract(t, 'nats', async t => {
    const { stream, prefix } = await freshStream(access)
    let door: () => Promise<void> = async () => {}
    const atNextWrite = (what: () => Promise<void>) => {
      door = async () => {
        door = async () => {}
        await what()
      }
    }
    const between = new URL(await proxy(t, `nats://${address}`, async text => {
      if (text.includes('HPUB ')) await door()
      return 'pass'
    })).host
    return {
      open: context => nats.configure({ servers: [between], subject: `${prefix}.{app}.{command}`, stream }).open(context),
      together: 500,
      arrived: async () => new Set(await idsIn(stream)),
      server: { stopMidway: async () => { atNextWrite(server.stop) }, start: server.start },
      hang: async () => { await new Promise<void>(resolve => { atNextWrite(async () => { resolve(); await new Promise(() => {}) }) }) },
      poisoned: () => anEvent({ body: { Name: 'x'.repeat(1_048_576) } })
    }
  })

  t.test('a message is the event: its bytes, under its id, and in headers what the body does not say', async t => {
    const { stream, prefix } = await freshStream(access)
    const [plainOne, decided] = [anEvent({ receivedAt: 1_700_000_000_000.25, query: 'a=é&b="%20' }), anEvent({ eventTime: null, query: 'x'.repeat(9_000), decision: { verdict: 'deny', by: 'fallback', took: 12.4 } })]
    t.same(await deliver(openTarget(t, { servers: [address], subject: `${prefix}.{app}.{command}`, stream }), [plainOne, decided]), [delivered, delivered])
    const [first, second] = await messagesIn(access, stream)
    t.strictSame(first, {
      subject: `${prefix}.1400000000.Group.CallbackAfterCreateGroup`,
      body: plainOne.body,
      headers: {
        'baton-id': plainOne.id,
        'baton-command': plainOne.command,
        'baton-app-id': '1400000000',
        'baton-received-at': '2023-11-14T22:13:20.000Z',
        'baton-event-time': String(plainOne.eventTime),
        'baton-query': plainOne.query,
        'Nats-Msg-Id': plainOne.id,
        'Nats-Expected-Stream': stream
      }
    })
    t.match(second?.headers, { 'baton-decision': 'deny; by=fallback; took=12' })
    t.same(Object.keys(second?.headers ?? {}).filter(name => name === 'baton-event-time' || name === 'baton-query'), [], 'what is not there, or too long for a header')
  })

  t.test('what comes again within the window of the stream is stored once', async t => {
    const { stream, prefix } = await freshStream(access)
    const events = Array.from({ length: 50 }, () => anEvent())
    const target = openTarget(t, { servers: [address], subject: `${prefix}.all` })
    t.same(await deliver(target, events), events.map(() => delivered))
    t.same(await deliver(target, [...events, ...events]), [...events, ...events].map(() => delivered))
    t.same(await idsIn(stream), events.map(({ id }) => id), 'in the order in which they were delivered')
  })

  t.test('a subject that no stream takes is trouble of its own events alone, and no stream is created', async t => {
    const { stream, prefix } = await freshStream(access, { name: 'groups', subjects: ['groups.Group.CallbackAfterCreateGroup', 'probed'] })
    t.equal(stream, 'groups')
    const target = openTarget(t, { servers: [address], subject: 'groups.{command}' })
    const missing = { kind: 'retry', slow: true, code: 'nats_no_stream', reason: /create one or give it the subject, mend subject/ }
    const topicEvent = () => anEvent({ command: 'Group.CallbackAfterCreateTopic' })
    t.match(await deliver(target, [anEvent(), topicEvent(), anEvent()]), [delivered, missing, delivered])
    t.match(await ask(target), delivered, 'a template with commands is tested as far as servers and credentials go')
    t.match(await ask(openTarget(t, { servers: [address], subject: `${prefix}.{app}` })), missing)
    t.match(await ask(openTarget(t, { servers: [address], subject: 'probed' })), delivered)
    t.equal((await idsIn(stream)).length, 2, 'a test leaves nothing in the stream')
    await withManager(access, async manager => { await manager.streams.update(stream, { subjects: ['groups.>'] }) })
    t.match(await deliver(target, [topicEvent()]), [delivered], 'it is taken as soon as a stream takes it')
  })

  t.test('a stream other than the one that is named takes nothing', async t => {
    const [named, other] = [await freshStream(access), await freshStream(access)]
    const target = openTarget(t, { servers: [address], subject: `${other.prefix}.all`, stream: named.stream })
    const wrong = { kind: 'retry', slow: true, code: 'nats_10060', reason: /mend stream or subject/ }
    t.match(await deliver(target, [anEvent()]), [wrong])
    t.match(await ask(target), wrong)
    t.same(await idsIn(other.stream), [])
  })

  t.test('who answers in the place of a stream is not taken for one', async t => {
    const stranger = await connect({ servers: address })
    t.teardown(async () => { await stranger.close() })
    for (const [subject, reply] of [['words', 'thank you'], ['empty', '{}'], ['nameless', '{"stream":"","seq":1}']] as const) {
      stranger.subscribe(`stranger.${subject}`, { callback: (_error, message) => { message.respond(reply) } })
      await stranger.flush()
      t.match(await deliver(openTarget(t, { servers: [address], subject: `stranger.${subject}` }), [anEvent()]), [{ kind: 'retry', slow: true, code: 'nats_no_ack' }], subject)
    }
    stranger.subscribe('stranger.silent', { callback: () => {} })
    await stranger.flush()
    t.match(await deliver(openTarget(t, { servers: [address], subject: 'stranger.silent' }, { timeout: 300 }), [anEvent()]), [{ kind: 'retry', code: 'timeout', reason: /whether a stream takes the subject/ }])
  })

  t.test('a command that makes no subject is rejected alone', async t => {
    const { stream, prefix } = await freshStream(access)
    const odd = ['Group.', 'Group..Callback'].map(command => ({ ...anEvent(), command }))
    const events = [anEvent(), ...odd, anEvent()]
    const unfit = { kind: 'reject', code: 'nats_subject_unfit' }
    t.match(await deliver(openTarget(t, { servers: [address], subject: `${prefix}.{command}` }), events), [delivered, unfit, unfit, delivered])
    t.match(await deliver(openTarget(t, { servers: [address], subject: `${prefix}.{command}` }), odd), [unfit, unfit])
    t.equal((await idsIn(stream)).length, 2)
    t.match(await deliver(openTarget(t, { servers: [address], subject: `${prefix}.x{command}x` }), odd.slice(0, 1)), [delivered])
  })

  t.test('what the stream does not take is rejected alone; one that is full is tried again', async t => {
    const small = await freshStream(access, { max_msg_size: 2_000 })
    const [fit, large] = [() => anEvent({ body: { Name: 'x' } }), () => anEvent({ body: { Name: 'x'.repeat(2_000) } })]
    t.match(await deliver(openTarget(t, { servers: [address], subject: `${small.prefix}.all` }), [fit(), large(), fit()]), [delivered, { kind: 'reject', code: 'nats_10054', reason: /max_msg_size/ }, delivered])
    const full = await freshStream(access, { max_msgs: 2, discard: DiscardPolicy.New })
    const target = openTarget(t, { servers: [address], subject: `${full.prefix}.all` })
    t.match(await deliver(target, [fit(), fit(), fit()]), [delivered, delivered, { kind: 'retry', slow: undefined, code: 'nats_10077', reason: /raise max_bytes or max_msgs/ }])
    await withManager(access, async manager => { await manager.streams.purge(full.stream) })
    t.match(await deliver(target, [fit()]), [delivered])
    await seal(access, full.stream)
    t.match(await deliver(target, [fit()]), [{ kind: 'retry', slow: true, code: 'nats_10109', reason: /create another one/ }])
  })

  t.test('an event goes up to the byte that the servers take, and no further', async t => {
    const { stream, prefix } = await freshStream(access)
    const target = openTarget(t, { servers: [address], subject: `${prefix}.all` })
    const [probe] = await deliver(target, [anEvent()]).then(async () => await messagesIn(access, stream))
    const headers = Object.entries(probe?.headers ?? {}).reduce((sum, [name, value]) => sum + name.length + value.length + 4, 12)
    const ofBytes = (bytes: number) => {
      const event = anEvent()
      return { ...event, body: Buffer.alloc(bytes - headers, ' ') }
    }
    t.match(await deliver(target, [ofBytes(1_048_576), ofBytes(1_048_577)]), [delivered, { kind: 'reject', code: 'nats_payload_exceeded', reason: /raise max_payload/ }])
  })

  t.test('a server that is frozen costs an attempt its time and no more, and the next one a connection of its own', async t => {
    const { stream, prefix } = await freshStream(access)
    const target = openTarget(t, { servers: [address], subject: `${prefix}.all` })
    await deliver(target, [anEvent()])
    server.freeze()
    t.teardown(server.thaw)
    const late = { kind: 'retry', code: 'timeout' }
    const events = [anEvent(), anEvent()]
    t.match(await deliver(target, events, AbortSignal.timeout(300)), [late, late])
    t.match(await ask(target, AbortSignal.timeout(300)), late)
    server.thaw()
    t.same(await deliver(target, events), [delivered, delivered])
    t.equal(new Set(await idsIn(stream)).size, (await idsIn(stream)).length, 'what was on its way before is stored once')
  })

  t.test('an answer that is lost costs a try, and nothing is stored twice', async t => {
    const { stream, prefix } = await freshStream(access)
    let lose = true
    const between = new URL(await proxy(t, `nats://${address}`, async text => {
      const lost = lose && text.includes('HPUB ')
      if (lost) lose = false
      return lost ? 'lose-answer' : 'pass'
    })).host
    const target = openTarget(t, { servers: [between], subject: `${prefix}.all` })
    const events = Array.from({ length: 3 }, () => anEvent())
    const broken = { kind: 'retry', slow: undefined, code: 'network_broken' }
    t.match(await deliver(target, events), [broken, broken, broken])
    t.same(await deliver(target, events), events.map(() => delivered))
    t.same(await idsIn(stream), events.map(({ id }) => id))
  })

  t.test('another of the servers is taken when one is gone', async t => {
    const { stream, prefix } = await freshStream(access)
    const target = openTarget(t, { servers: [`127.0.0.1:${await freePort()}`, `127.0.0.1:${await freePort()}`, address], subject: `${prefix}.all` })
    t.same(await deliver(target, [anEvent()]), [delivered])
    t.equal((await idsIn(stream)).length, 1)
  })

  t.test('a server that was killed and comes back has kept all that it has taken', async t => {
    const { stream, prefix } = await freshStream(access)
    const target = openTarget(t, { servers: [address], subject: `${prefix}.all` })
    const events = Array.from({ length: 30 }, () => anEvent())
    t.same(await deliver(target, events), events.map(() => delivered))
    await server.stop()
    t.match(await deliver(target, [anEvent()]), [{ kind: 'retry', slow: undefined, code: /^network_/ }])
    await server.start()
    const after = anEvent()
    t.match(await deliver(target, [after]), [delivered])
    t.same(await idsIn(stream), [...events, after].map(({ id }) => id))
  })

  t.test('without JetStream there is no stream', async t => {
    const plain = await natsServer(t, { jetstream: false })
    if (plain === undefined) return
    const target = openTarget(t, { servers: [plain.address], subject: 'chat' })
    const missing = { kind: 'retry', slow: true, code: 'nats_no_stream', reason: /enable JetStream/ }
    t.match(await deliver(target, [anEvent()]), [missing])
    t.match(await ask(target), missing)
  })

  t.test('who may not sign on, publish or hear the answer is told what to mend, without secrets', async t => {
    const { publicKey, seed } = nkey()
    const guarded = await natsServer(t, {
      settings: `authorization { users: [
        { user: baton, password: secret }
        { user: mute, password: secret, permissions: { publish: { deny: "chat.>" } } }
        { user: deaf, password: secret, permissions: { subscribe: { deny: "_INBOX.>" } } }
        { user: writer, password: secret, permissions: { publish: "chat.>", subscribe: "_INBOX.>" } }
        { nkey: ${publicKey} }
      ] }`
    })
    if (guarded === undefined) return
    const lines: string[] = []
    const subject = 'chat.all'
    await freshStream({ address: guarded.address, options: byNkey(seed) }, { name: 'chat', subjects: ['chat.>'] })
    const open = (auth?: object) => openTarget(t, { servers: [guarded.address], subject, ...auth !== undefined && { auth } }, { lines })
    const wrong = { kind: 'retry', slow: true, code: 'nats_authorization', reason: /mend auth/ }
    const forbidden = (remedy: RegExp) => ({ kind: 'retry', slow: true, code: 'nats_permission', reason: remedy })
    for (const [auth, expected, tested] of [
      [{ user: 'baton', password: 'secret' }, delivered, delivered],
      [{ nkeySeed: seed }, delivered, delivered],
      [{ user: 'writer', password: 'secret' }, delivered, forbidden(/JS\.API\.STREAM\.NAMES/)],
      [{ user: 'mute', password: 'secret' }, forbidden(/publish/), delivered],
      [{ user: 'deaf', password: 'secret' }, forbidden(/_INBOX/), forbidden(/_INBOX/)],
      [undefined, wrong, wrong],
      [{ user: 'baton', password: 'mistaken' }, wrong, wrong],
      [{ token: 'mistaken' }, wrong, wrong],
      [{ nkeySeed: nkey().seed }, wrong, wrong]
    ] as const) {
      const target = open(auth)
      const outcomes = [await deliver(target, [anEvent(), anEvent()]), await ask(target)]
      t.match(outcomes, [[expected, expected], tested], JSON.stringify(auth))
      t.notMatch(JSON.stringify([outcomes, lines]), /secret"|mistaken|SU[A-Z0-9]{50}/)
    }
    t.match(lines.join(''), /goes over the network as it is/)
  })

  t.test('a token, and credentials of an operator, let in', async t => {
    const byToken = await natsServer(t, { settings: 'authorization { token: "secret" }' })
    const { settings, credentials } = operatorWithUser()
    const operated = await natsServer(t, { settings })
    if (byToken === undefined || operated === undefined) return
    const missing = { code: 'nats_no_stream' } // one who is let in hears that
    t.match(await deliver(openTarget(t, { servers: [byToken.address], subject: 'chat', auth: { token: 'secret' } }), [anEvent()]), [missing])
    const folder = t.testdir({ 'baton.creds': credentials })
    for (const given of [credentials, `${folder}/baton.creds`]) t.match(await deliver(openTarget(t, { servers: [operated.address], subject: 'chat', auth: { credentials: given } }), [anEvent()]), [missing])
    t.match(await deliver(openTarget(t, { servers: [operated.address], subject: 'chat', auth: { credentials: operatorWithUser().credentials } }), [anEvent()]), [{ slow: true, code: 'nats_authorization' }])
  })

  t.test('TLS is spoken with those whose certificate can be checked alone', async t => {
    const secured = await natsServer(t, { tls: true })
    if (secured === undefined) return
    const { ca } = secured
    const missing = { code: 'nats_no_stream' }
    const folder = t.testdir({ 'ca.pem': ca })
    const open = (tls?: object, servers = [secured.address]) => openTarget(t, { servers, subject: 'chat', ...tls !== undefined && { tls } }, { timeout: 2_000 })
    for (const trusted of [ca, `${folder}/ca.pem`]) t.match(await deliver(open({ ca: trusted }), [anEvent()]), [missing])
    t.match(await deliver(open({ ca }, [secured.address.replace('127.0.0.1', 'localhost')]), [anEvent()]), [missing], 'by name')
    const untrusted = { kind: 'retry', slow: true, code: /^network_.*(cert|verify|signed)/, reason: /TLS with the servers does not come about/ }
    for (const wrong of [{}, { ca: certificate().cert }, undefined]) t.match(await deliver(open(wrong), [anEvent()]), [untrusted])
    t.match(await deliver(open({ ca }, [address]), [anEvent()]), [{ kind: 'retry', code: 'network_broken', reason: /tls and auth are what they ask for/ }], 'servers without TLS')
  })
}
