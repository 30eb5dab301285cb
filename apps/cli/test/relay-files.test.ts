import { spawn } from 'node:child_process'
import { createHmac } from 'node:crypto'
import { EventEmitter, once } from 'node:events'
import { readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { examples, type KnownCommand } from '@baton/contracts'
import { RelayDocument, readApps } from '@baton/runtime'
import { readTargets } from '@baton/targets'
import { freePort, receiver, redisServer } from '@baton/testing'
import { Client } from 'pg'

const bin = fileURLToPath(new URL('../bin/baton.js', import.meta.url))
const folder = new URL('../../../examples/relay-files/', import.meta.url)
const maskKey = 'a key for tests only'

t.test('every relay file among the examples fits', async t => {
  const names = readdirSync(folder).filter(name => name.endsWith('.yaml'))
  t.ok(names.length > 0)
  for (const name of names) {
    const document = new RelayDocument(name, readFileSync(new URL(name, folder), 'utf8'), () => maskKey)
    readApps(document)
    await readTargets(document)
    t.same(document.problems, [])
  }
})

t.test('fan-out-with-filters.yaml brings each target what it wants, masked, and takes its answers as it says', async t => {
  const place = t.testdir({})
  const hook = await receiver(t, ({ path }) => path === '/communities' ? 409 : 200)
  const postgresPort = await freePort()
  const redis = await redisServer(t)
  writeFileSync(join(place, 'baton.yaml'), readFileSync(new URL('fan-out-with-filters.yaml', folder), 'utf8').replaceAll('http://127.0.0.1:7090', hook.url))
  const relay = spawn(process.execPath, ['--enable-source-maps', bin, 'up'], {
    cwd: place,
    env: { PATH: process.env['PATH'], USER: process.env['USER'], LOG_LEVEL: 'warn', PORT: '0', WORKER_PORT: '0', REDIS_URL: redis.url, EMBEDDED_PG_PORT: String(postgresPort), BATON_CONFIG: 'baton.yaml', MASK_KEY: maskKey },
    stdio: ['ignore', 'pipe', 'inherit']
  })
  const exited = once(relay, 'exit')
  t.teardown(async () => {
    relay.kill('SIGTERM')
    await exited
  })
  let printed = ''
  const url = await new Promise<string>((resolve, reject) => {
    relay.stdout.setEncoding('utf8').on('data', (text: string) => {
      printed += text
      const [, found] = /'(http:\/\/127\.0\.0\.1:\d+\/?)\?SdkAppid=/.exec(printed) ?? []
      if (found !== undefined) resolve(found)
    })
    relay.on('exit', () => { reject(new Error(printed)) })
  })

  const post = async (command: KnownCommand, body: object, platform: string) => {
    const response = await fetch(`${url}?SdkAppid=1400000000&CallbackCommand=${command}&contenttype=json&ClientIP=203.0.113.77&OptPlatform=${platform}`, { method: 'POST', body: JSON.stringify({ ...examples[command], ...body }) })
    t.match(await response.json(), { ErrorCode: 0 })
  }
  const text = (Text: string) => [{ MsgType: 'TIMTextElem', MsgContent: { Text } }]
  await post('Group.CallbackAfterCreateTopic', { Type: 'Community', Name: 'by a user' }, 'iOS')
  await post('Group.CallbackAfterCreateTopic', { Type: 'Community', Name: 'by our backend' }, 'RESTAPI')
  await post('Group.CallbackAfterSendMsg', { Type: 'Public', From_Account: 'peter', MsgBody: text('a secret text') }, 'iOS')
  await post('C2C.CallbackAfterSendMsg', { From_Account: 'peter', To_Account: 'mary', MsgBody: [{ MsgType: 'TIMFaceElem', MsgContent: { Index: 1 } }] }, 'Web')
  await post('State.StateChange', {}, 'iOS')

  await hook.untilReceived(2)
  const client = new Client({ host: '127.0.0.1', port: postgresPort, user: 'postgres', database: 'postgres' })
  await client.connect()
  t.teardown(async () => { await client.end() })
  const events = async () => (await client.query<{ command: string, body: string }>('SELECT command, body::text FROM chat_event ORDER BY received_at').catch(() => ({ rows: [] }))).rows
  while ((await events()).length < 5) await client.query('SELECT pg_sleep(0.05)')

  t.same(hook.received.map(({ path, headers }) => `${path} ${String(headers['baton-command'])}`).toSorted(), ['/communities Group.CallbackAfterCreateTopic', '/moderation Group.CallbackAfterSendMsg'], 'each wanted event once, though one was answered 409')
  t.match(JSON.parse(String(hook.received.find(({ path }) => path === '/communities')?.body)), { Name: 'by a user' })
  const moderated = hook.received.find(({ path }) => path === '/moderation')
  t.match(String(moderated?.body), 'a secret text')
  t.match(moderated?.headers['baton-query'], 'OptPlatform=iOS')
  t.notMatch(moderated?.headers['baton-query'], '203.0.113.77')

  const hash = (account: string) => createHmac('sha256', maskKey).update(account).digest('hex')
  const bodies = (await events()).map(({ body }) => body)
  t.notMatch(bodies.join(), /a secret text|"peter"|"mary"/)
  t.equal(bodies.filter(body => JSON.parse(body).From_Account === hash('peter')).length, 2, 'an account has the same hash wherever it stands')
  t.equal(bodies.filter(body => JSON.parse(body).To_Account === hash('mary')).length, 1)
})

t.test('own-tables.yaml waits for the tables that it misses, then keeps them in step, whatever order events come in', async t => {
  const postgresPort = await freePort()
  const redis = await redisServer(t)
  const relay = spawn(process.execPath, ['--enable-source-maps', bin, 'up'], {
    cwd: t.testdir({ 'baton.yaml': readFileSync(new URL('own-tables.yaml', folder), 'utf8') }),
    env: { PATH: process.env['PATH'], USER: process.env['USER'], LOG_LEVEL: 'warn', PORT: '0', WORKER_PORT: '0', REDIS_URL: redis.url, EMBEDDED_PG_PORT: String(postgresPort), BATON_CONFIG: 'baton.yaml' },
    stdio: ['ignore', 'pipe', 'pipe']
  })
  const exited = once(relay, 'exit')
  t.teardown(async () => {
    relay.kill('SIGTERM')
    await exited
  })
  let printed = ''
  const output = new EventEmitter()
  for (const stream of [relay.stdout, relay.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      printed += text
      output.emit('printed')
    })
  }
  relay.on('exit', () => { output.emit('printed') })
  const untilPrinted = async (pattern: RegExp): Promise<string> => {
    for (;;) {
      const [, found] = pattern.exec(printed) ?? []
      if (found !== undefined) return found
      if (relay.exitCode !== null) throw new Error(printed)
      await once(output, 'printed')
    }
  }
  const url = await untilPrinted(/'(http:\/\/127\.0\.0\.1:\d+\/?)\?SdkAppid=/)
  const post = async (command: KnownCommand, body: object) => {
    const response = await fetch(`${url}?SdkAppid=1400000000&CallbackCommand=${command}&contenttype=json&ClientIP=203.0.113.77&OptPlatform=iOS`, { method: 'POST', body: JSON.stringify({ ...examples[command], GroupId: 'c', ...body }) })
    t.match(await response.json(), { ErrorCode: 0 })
  }

  await post('Group.CallbackAfterTopicDestroyed', { TopicIdList: ['c@TOPIC#_1', 'c@TOPIC#_2'], EventTime: 3_000 })
  t.match(await untilPrinted(/("statement_unfit".* goes on by itself)/), /statements\[0\]: relation .*topics.* does not exist .*statements\[3\]: relation .*members.* does not exist/)

  const client = new Client({ host: '127.0.0.1', port: postgresPort, user: 'postgres', database: 'postgres' })
  await client.connect()
  t.teardown(async () => { await client.end() })
  await client.query(readFileSync(new URL('own-tables.sql', folder), 'utf8'))
  await post('Group.CallbackAfterCreateTopic', { TopicId: 'c@TOPIC#_1', Name: "it's :new", EventTime: 1_000 })
  await post('Group.CallbackAfterMemberExit', { ExitMemberList: [{ Member_Account: 'ann' }], EventTime: 2_000 })
  await post('Group.CallbackAfterNewMemberJoin', { NewMemberList: [{ Member_Account: 'ann' }, { Member_Account: 'bob' }], EventTime: 1_000 })
  while ((await client.query('SELECT 1 FROM chat_event').catch(() => ({ rows: [] }))).rows.length < 4) await client.query('SELECT pg_sleep(0.05)')

  t.same((await client.query('SELECT id, title, extract(epoch FROM opened_at)::int AS opened, extract(epoch FROM closed_at)::int AS closed FROM topics ORDER BY id')).rows, [
    { id: 'c@TOPIC#_1', title: "it's :new", opened: 1, closed: 3 },
    { id: 'c@TOPIC#_2', title: '', opened: null, closed: 3 }
  ])
  t.same((await client.query('SELECT community, account, is_in FROM members ORDER BY account')).rows, [{ community: 'c', account: 'ann', is_in: false }, { community: 'c', account: 'bob', is_in: true }])
})
