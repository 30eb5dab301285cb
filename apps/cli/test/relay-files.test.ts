import { spawn } from 'node:child_process'
import { createHmac } from 'node:crypto'
import { EventEmitter, once } from 'node:events'
import { readFileSync, readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import t, { type Test } from 'tap'
import { examples, type KnownCommand } from '@baton/contracts'
import { RelayDocument, readApps } from '@baton/runtime'
import { readTargets } from '@baton/targets'
import { freePort, receiver, redisServer } from '@baton/testing'
import { Client, type QueryResultRow } from 'pg'

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

/** Runs a relay file of the examples as it is, but for what `changed` says, on servers and ports of its own. */
async function runningRelay (t: Test, name: string, changed = (file: string) => file) {
  const postgresPort = await freePort()
  const redis = await redisServer(t)
  const relay = spawn(process.execPath, ['--enable-source-maps', bin, 'up'], {
    cwd: t.testdir({ 'baton.yaml': changed(readFileSync(new URL(name, folder), 'utf8')) }),
    env: { PATH: process.env['PATH'], USER: process.env['USER'], LOG_LEVEL: 'warn', PORT: '0', WORKER_PORT: '0', REDIS_URL: redis.url, EMBEDDED_PG_PORT: String(postgresPort), BATON_CONFIG: 'baton.yaml', MASK_KEY: maskKey },
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
  /** What the pattern captures. */
  const untilPrinted = async (pattern: RegExp): Promise<string> => {
    for (;;) {
      const [, found] = pattern.exec(printed) ?? []
      if (found !== undefined) return found
      if (relay.exitCode !== null) throw new Error(printed)
      await once(output, 'printed')
    }
  }
  const withClient = async <T>(work: (client: Client) => Promise<T>): Promise<T> => {
    const client = new Client({ host: '127.0.0.1', port: postgresPort, user: 'postgres', database: 'postgres' })
    await client.connect()
    try {
      return await work(client)
    } finally {
      await client.end()
    }
  }
  const url = await untilPrinted(/'(http:\/\/127\.0\.0\.1:\d+\/?)\?SdkAppid=/)
  return {
    untilPrinted,
    /** The documented example, with fields of one's own. */
    post: async (command: KnownCommand, body: object, platform = 'iOS') => {
      const response = await fetch(`${url}?SdkAppid=1400000000&CallbackCommand=${command}&contenttype=json&ClientIP=203.0.113.77&OptPlatform=${platform}`, { method: 'POST', body: JSON.stringify({ ...examples[command], ...body }) })
      t.match(await response.json(), { ErrorCode: 0 })
    },
    /** Rows of its embedded PostgreSQL, as soon as there are so many. */
    rows: async <R extends QueryResultRow>(count: number, query: string): Promise<R[]> => await withClient(async client => {
      for (;;) {
        const { rows } = await client.query<R>(query).catch(() => ({ rows: [] }))
        if (rows.length >= count) return rows
        await client.query('SELECT pg_sleep(0.05)')
      }
    }),
    run: async (sql: string): Promise<void> => { await withClient(async client => await client.query(sql)) }
  }
}

t.test('fan-out-with-filters.yaml brings each target what it wants, masked, and takes its answers as it says', async t => {
  const hook = await receiver(t, ({ path }) => path === '/communities' ? 409 : 200)
  const { post, rows } = await runningRelay(t, 'fan-out-with-filters.yaml', file => file.replaceAll('http://127.0.0.1:7090', hook.url))
  const text = (Text: string) => [{ MsgType: 'TIMTextElem', MsgContent: { Text } }]
  await post('Group.CallbackAfterCreateTopic', { Type: 'Community', Name: 'by a user' }, 'iOS')
  await post('Group.CallbackAfterCreateTopic', { Type: 'Community', Name: 'by our backend' }, 'RESTAPI')
  await post('Group.CallbackAfterSendMsg', { Type: 'Public', From_Account: 'peter', MsgBody: text('a secret text') }, 'iOS')
  await post('C2C.CallbackAfterSendMsg', { From_Account: 'peter', To_Account: 'mary', MsgBody: [{ MsgType: 'TIMFaceElem', MsgContent: { Index: 1 } }] }, 'Web')
  await post('State.StateChange', {}, 'iOS')

  await hook.untilReceived(2)
  const events = await rows<{ body: string }>(5, 'SELECT body::text FROM chat_event ORDER BY received_at')

  t.same(hook.received.map(({ path, headers }) => `${path} ${String(headers['baton-command'])}`).toSorted(), ['/communities Group.CallbackAfterCreateTopic', '/moderation Group.CallbackAfterSendMsg'], 'each wanted event once, though one was answered 409')
  t.match(JSON.parse(String(hook.received.find(({ path }) => path === '/communities')?.body)), { Name: 'by a user' })
  const moderated = hook.received.find(({ path }) => path === '/moderation')
  t.match(String(moderated?.body), 'a secret text')
  t.match(moderated?.headers['baton-query'], 'OptPlatform=iOS')
  t.notMatch(moderated?.headers['baton-query'], '203.0.113.77')

  const hash = (account: string) => createHmac('sha256', maskKey).update(account).digest('hex')
  const bodies = events.map(({ body }) => body)
  t.notMatch(bodies.join(), /a secret text|"peter"|"mary"/)
  t.equal(bodies.filter(body => JSON.parse(body).From_Account === hash('peter')).length, 2, 'an account has the same hash wherever it stands')
  t.equal(bodies.filter(body => JSON.parse(body).To_Account === hash('mary')).length, 1)
})

t.test('warehouse.yaml keeps groups, members and messages in tables of its prefix', async t => {
  const { post, rows } = await runningRelay(t, 'warehouse.yaml')
  const group = { GroupId: '@TGS#2J4SZEAEL' }
  await post('Group.CallbackAfterRecallMsg', { ...group, TopicId: undefined, MsgSeqList: [{ MsgSeq: 123 }] })
  await post('Group.CallbackAfterSendMsg', group)
  await post('Group.CallbackAfterCreateGroup', group)
  await post('Group.CallbackAfterMemberExit', { ...group, EventTime: 1_700_000_000_000, ExitMemberList: [{ Member_Account: 'peter' }] })
  await post('C2C.CallbackAfterSendMsg', { From_Account: 'jared', To_Account: 'Jonh' })

  await rows(5, 'SELECT * FROM im_chat_event')
  t.match(await rows(2, 'SELECT conversation, from_account, to_account, msg_body, recalled_at IS NOT NULL AS recalled, incomplete FROM im_chat_message ORDER BY conversation'), [
    { conversation: '@TGS#2J4SZEAEL', from_account: 'jared', msg_body: [{ MsgContent: { Text: 'red packet' } }], recalled: true, incomplete: false },
    { conversation: 'Jonh\njared', from_account: 'jared', to_account: 'Jonh', recalled: false }
  ])
  t.same((await rows(1, 'SELECT account FROM im_chat_group_member WHERE left_at IS NULL ORDER BY account')).map(({ account }) => account), ['bob', 'leckie'])
})

t.test('own-tables.yaml waits for the tables that it misses, then keeps them in step, whatever order events come in', async t => {
  const { post: posted, rows, run, untilPrinted } = await runningRelay(t, 'own-tables.yaml')
  const post = async (command: KnownCommand, body: object) => { await posted(command, { GroupId: 'c', ...body }) }

  await post('Group.CallbackAfterTopicDestroyed', { TopicIdList: ['c@TOPIC#_1', 'c@TOPIC#_2'], EventTime: 3_000 })
  t.match(await untilPrinted(/("statement_unfit".* goes on by itself)/), /statements\[0\]: relation .*topics.* does not exist .*statements\[3\]: relation .*members.* does not exist/)

  await run(readFileSync(new URL('own-tables.sql', folder), 'utf8'))
  await post('Group.CallbackAfterCreateTopic', { TopicId: 'c@TOPIC#_1', Name: "it's :new", EventTime: 1_000 })
  await post('Group.CallbackAfterMemberExit', { ExitMemberList: [{ Member_Account: 'ann' }], EventTime: 2_000 })
  await post('Group.CallbackAfterNewMemberJoin', { NewMemberList: [{ Member_Account: 'ann' }, { Member_Account: 'bob' }], EventTime: 1_000 })
  await rows(4, 'SELECT 1 FROM chat_event')

  t.same(await rows(2, 'SELECT id, title, extract(epoch FROM opened_at)::int AS opened, extract(epoch FROM closed_at)::int AS closed FROM topics ORDER BY id'), [
    { id: 'c@TOPIC#_1', title: "it's :new", opened: 1, closed: 3 },
    { id: 'c@TOPIC#_2', title: '', opened: null, closed: 3 }
  ])
  t.same(await rows(2, 'SELECT community, account, is_in FROM members ORDER BY account'), [{ community: 'c', account: 'ann', is_in: false }, { community: 'c', account: 'bob', is_in: true }])
})
