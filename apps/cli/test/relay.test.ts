import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t, { type Test } from 'tap'
import { eventIdOf, eventKeysOf, examples, signatureOf } from '@baton/contracts'
import { documentedExamples, postgresServer, receiver, redisServer, sampleCallbacks } from '@baton/testing'
import { Client } from 'pg'
import { buildProgram } from '../src/program.ts'

const bin = fileURLToPath(new URL('../bin/baton.js', import.meta.url))

interface Relay {
  /** The environment of every process of this relay. */
  env: NodeJS.ProcessEnv
  folder: string
}

const relayOf = (t: Test, env: NodeJS.ProcessEnv, file: string): Relay => {
  const folder = t.testdir({})
  writeFileSync(join(folder, 'baton.yaml'), file)
  return { folder, env: { PATH: process.env['PATH'], LOG_LEVEL: 'warn', PORT: '0', WORKER_PORT: '0', ...env } }
}

/** Runs a verb to its end. */
async function baton ({ env, folder }: Relay, ...args: string[]): Promise<{ code: number | null, stdout: string, stderr: string }> {
  const child = spawn(process.execPath, [bin, ...args], { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] })
  const output = { stdout: '', stderr: '' }
  child.stdout.on('data', (chunk: Buffer) => { output.stdout += String(chunk) })
  child.stderr.on('data', (chunk: Buffer) => { output.stderr += String(chunk) })
  const [code] = await once(child, 'close')
  return { code, ...output }
}

/** Starts `baton ingress` or `baton worker` and waits until it is ready; it is stopped with the test. */
async function start (t: Test, { env, folder }: Relay, app: 'ingress' | 'worker'): Promise<{ url: string, stop: () => Promise<number | null>, printed: () => string }> {
  const child = spawn(process.execPath, ['--enable-source-maps', bin, app], { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe', 'ipc'] })
  let printed = ''
  child.stdout?.on('data', (chunk: Buffer) => { printed += String(chunk) })
  child.stderr?.on('data', (chunk: Buffer) => { printed += String(chunk) }).pipe(process.stderr)
  const exited = once(child, 'close').then(([code]: unknown[]) => typeof code === 'number' ? code : null)
  const stop = async () => {
    child.kill('SIGTERM')
    return await exited
  }
  t.teardown(stop)
  const [message] = await once(child, 'message')
  return { url: String(message.urls[app]), stop, printed: () => printed }
}

t.test('every sample request runs through the whole relay: into the tables, and to the webhook byte for byte', async t => {
  const postgres = await postgresServer(t)
  if (postgres === undefined) return
  const redis = await redisServer(t)
  const hook = await receiver(t)
  const relay = relayOf(t, { REDIS_URL: redis.url, HOOK_URL: hook.url, WAREHOUSE_URL: postgres.url }, `apps: [{ sdkAppId: 1400000000 }]
targets:
  warehouse: { type: postgres, url: "\${WAREHOUSE_URL}" }
  crm: { type: webhook, url: "\${HOOK_URL}", secrets: ["whsec_${Buffer.alloc(24, 7).toString('base64')}"] }
`)
  const worker = await start(t, relay, 'worker')
  const ingress = await start(t, relay, 'ingress')
  const samples = sampleCallbacks()
  for (const { name, command, body } of samples) {
    const response = await fetch(`${ingress.url}?SdkAppid=1400000000&CallbackCommand=${command}&contenttype=json&ClientIP=127.0.0.1&OptPlatform=RESTAPI`, { method: 'POST', body: new Uint8Array(body) })
    t.equal(response.status, 200, name)
    t.same(await response.json(), { ActionStatus: 'OK', ErrorInfo: '', ErrorCode: 0 }, name)
  }
  await hook.untilReceived(samples.length)
  t.equal(await worker.stop(), 0, 'a stopped worker has finished what it had in hand')
  t.same(hook.received.map(({ body }) => String(body)).sort(), samples.map(({ body }) => String(body)).sort(), 'the webhook got the same bytes')
  t.match(hook.received, samples.map(() => ({ headers: { 'webhook-signature': /^v1,/ } })))

  const again = await start(t, relay, 'worker') // whatever the first one left is delivered by the next
  const client = new Client({ connectionString: postgres.url })
  await client.connect()
  t.teardown(async () => { await client.end() })
  const count = async () => Number((await client.query('SELECT count(*) FROM chat_event')).rows[0].count)
  while (await count() < samples.length) await client.query('SELECT pg_sleep(0.05)')
  t.equal(await again.stop(), 0)
  t.equal(await ingress.stop(), 0)
  t.match((await client.query('SELECT * FROM chat_group')).rows, [{ sdk_app_id: '1400000000', group_id: '@TGS#2J4SZEAEL', owner_account: 'leckie', name: 'MyFirstGroup' }])
  t.match((await client.query('SELECT * FROM chat_topic')).rows, [{ topic_id: '@TGS#_@TGS#cQVLVHIM62CJ@TOPIC#_@TOPIC#cRTE3HIM62C5', group_id: '@TGS#2J4SZEAEL', name: 'MyFirstTopic', custom: { UserDefined1: 'hello', UserDefined2: 'world' } }])
  t.same((await client.query('SELECT account FROM chat_group_member ORDER BY account')).rows.map(({ account }) => account), ['bob', 'leckie', 'peter'])
  const bodies = (await client.query<{ body: string }>('SELECT body::text FROM chat_event')).rows.map(({ body }) => body)
  t.same(bodies.sort(), samples.map(({ body }) => String(body)).sort(), 'the table keeps the same text')
})

t.test('the example of every documented command goes through the whole relay unchanged, and once', async t => {
  const postgres = await postgresServer(t)
  const redis = await redisServer(t)
  const hook = await receiver(t)
  const relay = relayOf(t, { REDIS_URL: redis.url }, `apps: [{ sdkAppId: 1400000000 }]
targets:
  hook: { type: webhook, url: "${hook.url}", commands: ["*"] }
${postgres === undefined ? '' : `  warehouse: { type: postgres, url: "${postgres.url}", messages: true, commands: ["*"] }`}
`)
  const worker = await start(t, relay, 'worker')
  const ingress = await start(t, relay, 'ingress')
  const expected = documentedExamples().map(({ command, body }, nth) => {
    const requestId = `request-${nth}`
    const { eventTime } = eventKeysOf(command, JSON.parse(String(body)))
    return { id: eventIdOf({ appId: 1400000000, command, body, hasEventTime: eventTime !== null, requestId }), command, body, requestId }
  })
  t.equal(expected.length, 85)
  t.equal(expected.filter(({ body }) => body.includes('144115212830834855')).length, 1, 'ids that JavaScript cannot hold are whole')
  t.equal(expected.filter(({ body }) => !('CallbackCommand' in JSON.parse(String(body)))).length, 3, 'some have their command in the query alone')
  for (const { command, body, requestId } of expected) {
    const response = await fetch(`${ingress.url}?SdkAppid=1400000000&CallbackCommand=${command}&contenttype=json&RequestID=${requestId}`, { method: 'POST', body: new Uint8Array(body) })
    t.equal(response.status, 200, command)
    t.match(await response.json(), { ActionStatus: 'OK', ErrorCode: 0 }, command)
  }
  await hook.untilReceived(expected.length)
  if (postgres !== undefined) {
    const client = new Client({ connectionString: postgres.url })
    await client.connect()
    t.teardown(async () => { await client.end() })
    const count = async (query: string) => Number((await client.query(query)).rows[0].count)
    while (await count('SELECT count(to_regclass(\'chat_event\'))') < 1) await client.query('SELECT pg_sleep(0.05)')
    while (await count('SELECT count(*) FROM chat_event') < expected.length) await client.query('SELECT pg_sleep(0.05)')
    const { rows } = await client.query<{ event_id: string, command: string, body: string }>('SELECT event_id, command, body::text FROM chat_event')
    const written = new Map(rows.map(({ event_id: id, command, body }) => [id, { command, body: Buffer.from(body) }]))
    t.equal(rows.length, expected.length)
    for (const { id, command, body } of expected) t.same(written.get(id), { command, body }, `${command} in the table`)
  }
  t.equal(await ingress.stop(), 0)
  t.equal(await worker.stop(), 0)
  const arrived = new Map(hook.received.map(({ headers, body }) => [headers['webhook-id'], { command: headers['baton-command'], body }]))
  t.equal(hook.received.length, expected.length, 'each once')
  for (const { id, command, body } of expected) t.same(arrived.get(id), { command, body }, `${command} at the webhook`)
})

t.test('an operator sees what callbacks have that is not documented, never its values, and forgets what was dealt with', async t => {
  const redis = await redisServer(t)
  const relay = relayOf(t, { REDIS_URL: redis.url, LOG_LEVEL: 'trace' }, 'apps: [{ sdkAppId: 1400000000 }]\ntargets: { memory: { type: memory } }\n')
  const outputs: string[] = []
  const verb = async (...args: string[]) => {
    const result = await baton(relay, ...args)
    outputs.push(result.stdout, result.stderr)
    return result
  }
  t.match(await verb('drift'), { code: 0, stdout: 'Callbacks have had nothing that their documentation does not say.\n', stderr: '' })
  const worker = await start(t, relay, 'worker')
  const ingress = await start(t, relay, 'ingress')
  const command = 'Group.CallbackAfterCreateGroup'
  const post = async (command: string, body: object) => {
    const response = await fetch(`${ingress.url}?SdkAppid=1400000000&CallbackCommand=${command}`, { method: 'POST', body: JSON.stringify(body) })
    t.match(await response.json(), { ErrorCode: 0 })
  }
  const began = Date.now()
  const group = { ...examples[command], MemberList: [{ Member_Account: 'hush-0', Nick: 'hush-1' }, { Member_Account: 'hush-2', Nick: 'hush-3' }] }
  await post('Group.CallbackAfterNovelty', { Thing: 'hush-4' })
  await post(command, group)
  await post(command, { ...group, InviteOption: ['hush-5'], [`\u001b[31m${'x'.repeat(900_000)}`]: { Deep: 'hush-6' } })

  const list = async (...args: string[]) => JSON.parse((await verb('drift', '--json', ...args)).stdout)
  while ((await list()).drift.length < 4);
  const { drift, unlisted } = await list()
  t.equal(unlisted, null)
  const of = (kind: string, field: string) => drift.find((seen: { kind: string, field: string }) => seen.kind === kind && seen.field === field)
  t.match(of('unknown-command', ''), { command: 'Group.CallbackAfterNovelty', problem: 'is not documented', example: 'object of 1', count: 1 })
  t.match(of('unknown-field', 'MemberList[].Nick'), { command, problem: 'is not documented', example: 'text of 6', count: 2 })
  t.match(of('unfit-field', 'InviteOption'), { command, problem: 'must be string', example: 'list of 1', count: 1 })
  t.match(of('unknown-field', `\\u001b[31m${'x'.repeat(195)}…`), { command, example: 'object of 1', count: 1 }, 'a name does nothing to the terminal, and takes no room')
  const { first, last } = of('unknown-field', 'MemberList[].Nick')
  t.ok(Date.parse(first) >= began && Date.parse(first) <= Date.parse(last) && Date.parse(last) <= Date.now())

  t.match(await verb('drift'), { code: 0, stdout: /^LAST SEEN +FIRST SEEN +CALLBACKS +KIND +COMMAND +FIELD +PROBLEM +EXAMPLE\n(?:.*\n){4}$/ })
  t.match(await verb('drift', '--kind', 'unknown-field', '--field', 'MemberList[].Nick'), { code: 0, stdout: /^LAST.*\n\S+Z +\S+Z +2 +unknown-field +Group\.CallbackAfterCreateGroup +MemberList\[\]\.Nick +is not documented +text of 6\n$/ })
  t.match(await verb('drift', '--kind', 'odd'), { code: 1, stderr: /unknown-command, unknown-field, unfit-field/ })
  const metrics = async () => await (await fetch(new URL('/metrics', ingress.url))).text()
  while (!(await metrics()).includes('baton_drift_new_total 4\n'));
  for (const line of ['baton_callbacks_drift_total{kind="unknown-field"} 3', 'baton_drift_unlisted_total 0']) t.match(await metrics(), `${line}\n`)

  t.match(await verb('drift', 'forget', '--command', 'Group.CallbackAfterN*', '--dry-run'), { code: 0, stdout: /Novelty[^]*would be forgotten\n$/ })
  t.match(await verb('drift', 'forget', '--command', 'Group.CallbackAfterN*'), { code: 0, stdout: /Novelty[^]*are forgotten/ })
  t.match(JSON.parse((await verb('drift', 'forget', '--all', '--json')).stdout), { length: 3 })

  await post('Group.CallbackAfterNovelty', { Thing: 'hush-7' })
  t.equal(await ingress.stop(), 0)
  t.match(await list(), { drift: [{ kind: 'unknown-command', count: 1 }] }, 'what was seen last before a stop is told too')
  t.equal(await worker.stop(), 0)
  const logged = ingress.printed().split('\n').filter(line => line.includes('CALLBACK_DRIFT'))
  t.equal(logged.length, 5, 'what was forgotten is news again')
  outputs.push(ingress.printed(), worker.printed())
  t.match(outputs.join(''), '"msg":"callback accepted"', 'in every detail')
  t.notMatch(outputs.join(''), /hush/)
  t.notMatch(outputs.join(''), '\u001b')
})

t.test('an operator sees what is dead, mends, and sends it again', async t => {
  const redis = await redisServer(t)
  const hook = await receiver(t, () => ({ status: 400, body: 'no\nbody \u001b[31m' }))
  const relay = relayOf(t, { REDIS_URL: redis.url }, `apps: [{ sdkAppId: 1400000000, tokens: [t1, t2] }]\ntargets: { crm: { type: webhook, url: "${hook.url}" } }\n`)
  t.match(await baton(relay, 'status', '--json'), { code: 0 }, 'before any worker ran')
  const worker = await start(t, relay, 'worker')
  const ingress = await start(t, relay, 'ingress')

  const sent = await baton(relay, 'send', 'Group.CallbackAfterCreateTopic', '--to', ingress.url)
  t.match(sent, { code: 0, stdout: /HTTP 200, ErrorCode 0 after/, stderr: '' }, 'signed with the token of the relay file')
  await hook.untilReceived(1)
  const list = async () => JSON.parse((await baton(relay, 'dead', 'list', '--json')).stdout)
  while ((await list()).total < 1);
  const { letters: [letter] } = await list()
  t.match(letter, { target: 'crm', attempts: 1, reason: /^http_400/, answer: 'no\nbody \u001b[31m', command: 'Group.CallbackAfterCreateTopic', body: /MyFirstTopic/ })
  t.match(await baton(relay, 'dead', 'list'), { code: 0, stdout: new RegExp(`DIED +TARGET.*\n.*crm.*${letter.event}`) })
  t.match(await baton(relay, 'dead', 'show', letter.event), { code: 0, stdout: /^answer +no\\u000abody \\u001b\[31m\n[^]*body +\{"CallbackCommand"/m })
  t.match(await baton(relay, 'status'), { code: 0, stdout: /QUEUE +WAITING +DELAYED +ACTIVE +DEAD .*\nintake +0 +0 +0 +0 .*\nto-crm +0 +0 +0 +1 / })

  t.match(await baton(relay, 'dead', 'list', '--limit', '1001'), { code: 1, stderr: /whole number from 1 to 1000/ })
  t.match(await baton(relay, 'dead', 'replay', letter.event, '--dry-run'), { code: 0, stdout: /would be sent to crm/ })
  t.match(await baton(relay, 'dead', 'replay', letter.event, '--target', 'none'), { code: 1, stderr: /no target none; there are crm/ })
  t.match(await baton(relay, 'dead', 'replay', 'evt_none'), { code: 1, stderr: /no dead letter of evt_none/ })
  hook.answer = () => 200
  t.match(await baton(relay, 'dead', 'replay', letter.event), { code: 0, stdout: /is on its way to crm again/ })
  await hook.untilReceived(2)
  t.match(hook.received[1], { headers: { 'webhook-id': letter.event, 'baton-attempt': '1' } })
  t.match(await baton(relay, 'dead', 'list'), { code: 0, stdout: /no dead letters/ })

  t.match(await baton(relay, 'target', 'test', 'crm'), { code: 0, stdout: /^crm takes events: it answered after \d+ ms\n$/ })
  t.match(hook.received[2], { headers: { 'baton-command': 'Baton.Test', 'baton-app-id': '1400000000', 'webhook-id': /^test_/ }, body: Buffer.from('{"CallbackCommand":"Baton.Test"}') })
  hook.answer = () => ({ status: 401, body: 'who are\nyou' })
  t.match(await baton(relay, 'target', 'test', 'crm'), { code: 1, stdout: /^crm does not take events \(http_401\): the receiver answered 401; check.*\. It said: who are\\u000ayou\n$/ })
  t.match(await baton(relay, 'target', 'test', 'none'), { code: 1, stderr: /names no target none; it names crm/ })
  t.match(await baton(relay, 'target', 'pause', 'crm', '--reason', 'they\nmigrate'), { code: 0, stdout: /crm is paused/ })
  t.match(await baton(relay, 'target', 'pause', 'crm'), { code: 0, stdout: /paused already/ })
  t.match(await baton(relay, 'status'), { code: 0, stdout: /STATE\n.*\nto-crm .* paused since 2[\d-]+T[\d:.]+Z \(they\\u000amigrate\)/ })
  t.match(await baton(relay, 'target', 'resume', 'none'), { code: 1, stderr: /no target none; there are crm/ })
  t.match(await baton(relay, 'target', 'resume', 'crm'), { code: 0, stdout: /gets events again/ })
  t.match(await baton(relay, 'target', 'resume', 'crm'), { code: 0, stdout: /nothing stood in the way/ })

  const journals = JSON.parse((await baton(relay, 'journal', 'list', '--json')).stdout)
  t.match(journals, [{ depth: 1, unprotected: 0, unforwarded: 0 }])
  t.match(await baton(relay, 'journal', 'rewind', '--since', 'yesterday'), { code: 1, stderr: /such as 15m, 2h or 1d/ })
  t.match(await baton(relay, 'journal', 'rewind', '--since', '1h', '--dry-run'), { code: 0, stdout: new RegExp(`${journals[0].journal} +1\nwould be brought to every target`) })
  t.match(await baton(relay, 'journal', 'rewind', '--since', '1h', '--target', 'crm', '--json'), { code: 0, stdout: /"events": 1/ })
  hook.answer = () => 200
  await hook.untilReceived(5)
  t.match(hook.received[4], { headers: { 'webhook-id': letter.event } }, 'it was delivered, and comes once more')

  t.match(await baton(relay, 'status'), { code: 0, stdout: /\nOne worker runs\. Events are routed by relay file [\da-f]{12} since 2[\d-]+T[\d:.]+Z, brought by \S+:\d+\.\n$/ })
  t.match(await baton(relay, 'target', 'retire', 'crm'), { code: 1, stderr: /Say how: --drain .*, --drop / })
  t.match(await baton(relay, 'target', 'retire', 'crm', '--drop'), { code: 1, stderr: /Give up for good what waits for crm \(\d deliver\w+, 0 dead letters\)\? Nobody is there to answer: add --yes/ })
  t.match(await baton(relay, 'target', 'retire', 'none', '--drain'), { code: 1, stderr: /no target none; there are crm/ })
  t.match(await baton(relay, 'target', 'retire', 'crm', '--drain', '--dry-run', '--json'), { code: 0, stdout: /"done": false/ })
  t.match(await baton(relay, 'target', 'retire', 'crm', '--drop', '--yes'), { code: 0, stdout: /^crm is retired \(\d deliver\w+, 0 dead letters given up\)\. Take it out of the relay file/ })
  t.match(await baton(relay, 'status'), { code: 0, stdout: /STATE\nintake .*\n\nOne worker/ })
  await worker.stop()
  t.match(await baton(relay, 'status'), { code: 0, stdout: /No worker runs: events wait/ })
})

t.test('what is refused while Redis is away is answered at once, and an operator finds it in quarantine when Redis is back', async t => {
  const redis = await redisServer(t)
  const relay = relayOf(t, { REDIS_URL: redis.url, LOG_LEVEL: 'silent' }, 'apps: [{ sdkAppId: 1400000000, tokens: [right] }]\ntargets: { memory: { type: memory } }\n')
  t.match(await baton(relay, 'quarantine', 'list'), { code: 0, stdout: '0 of 0 in quarantine; 0 had to give way to newer ones\n' })
  await redis.stop()
  const ingress = await start(t, relay, 'ingress')
  const post = async (token: string, body: string | Uint8Array<ArrayBuffer>) => {
    const now = String(Math.floor(Date.now() / 1_000))
    return (await fetch(`${ingress.url}?SdkAppid=1400000000&CallbackCommand=Any.Command&RequestTime=${now}&Sign=${signatureOf(token, now)}`, { method: 'POST', body })).status
  }
  t.equal(await post('right', '{"broken": "\u001b[31m'), 400)
  t.equal(await post('right', new Uint8Array([0x7B, 0xFF])), 400)
  t.equal(await post('wrong', '{"fine":1}'), 401)

  await redis.start()
  const list = async (...args: string[]) => JSON.parse((await baton(relay, 'quarantine', 'list', '--json', ...args)).stdout)
  while ((await list()).total < 2 || (await list('--unsigned')).total < 1);
  const { total, evicted, entries: [bytes, text] } = await list()
  t.same([total, evicted], [2, 0])
  t.match(text, { kind: 'not-json-object', info: /not valid JSON/, app: 1400000000, command: 'Any.Command', query: /^SdkAppid=1400000000&CallbackCommand=Any.Command&RequestTime=\d+$/, encoding: 'utf8', body: '{"broken": "\u001b[31m' })
  t.match(bytes, { encoding: 'base64', body: Buffer.from([0x7B, 0xFF]).toString('base64') })
  const { entries: [unsigned] } = await list('--unsigned')
  t.match(unsigned, { id: /^qu_/, kind: 'sign-wrong', query: /^(?!.*Sign)/, body: '{"fine":1}' })

  t.match(await baton(relay, 'quarantine', 'list', '--limit', '1'), { code: 0, stdout: new RegExp(`^RECEIVED +ID +APP +KIND +COMMAND +INFO\n.*${bytes.id}.*\n1 of 2 in quarantine; 0 had to give way to newer ones\nsee older ones with --before ${bytes.id}\n$`) })
  t.match(await baton(relay, 'quarantine', 'list', '--before', bytes.id), { code: 0, stdout: new RegExp(`${text.id}[^]*1 of 2`) })
  t.match(await baton(relay, 'quarantine', 'list', '--unsigned'), { code: 0, stdout: new RegExp(`${unsigned.id} +1400000000 +sign-wrong +Any.Command`) })
  t.match(await baton(relay, 'quarantine', 'show', text.id), { code: 0, stdout: /\nbody +\{"broken": "\\u001b\[31m\n$/ }, 'a body does nothing to the terminal')
  t.same(JSON.parse((await baton(relay, 'quarantine', 'show', bytes.id, '--json')).stdout), bytes)
  t.match(await baton(relay, 'quarantine', 'show', 'q_1-1'), { code: 1, stderr: /no q_1-1 in quarantine/ })
  t.match(await baton(relay, 'quarantine', 'list', '--limit', '1001'), { code: 1, stderr: /whole number from 1 to 1000/ })

  const metrics = await (await fetch(new URL('/metrics', ingress.url))).text()
  for (const line of ['baton_quarantine_total{kind="not-json-object"} 2', 'baton_quarantine_total{kind="sign-wrong"} 1', 'baton_quarantine_lost_total 0']) t.match(metrics, line)
  t.equal(await ingress.stop(), 0)
})

t.test('send posts many, from a file too, at a rate, and tells what was refused', async t => {
  const redis = await redisServer(t)
  const relay = relayOf(t, { REDIS_URL: redis.url }, 'apps: [{ sdkAppId: 1400000000 }]\ntargets: { memory: { type: memory } }\n')
  const ingress = await start(t, relay, 'ingress')
  t.match(JSON.parse((await baton(relay, 'send', 'Group.CallbackAfterCreateGroup', '--count', '25', '--rate', '500', '--to', ingress.url, '--json')).stdout), { sent: 25, acknowledged: 25, refused: 0 })
  writeFileSync(join(relay.folder, 'bodies.jsonl'), `${JSON.stringify(examples['Group.CallbackAfterCreateGroup'])}\n{"broken":\n`)
  t.match(await baton(relay, 'send', 'Group.CallbackAfterCreateGroup', '--file', 'bodies.jsonl', '--count', '2', '--to', ingress.url), { code: 1, stdout: /2 sent, 1 acknowledged, 1 refused, 0 unanswered; [\d.]+ a second/, stderr: /HTTP 400, ErrorCode 40001: the body is not valid JSON/ })
  t.match(await baton(relay, 'send', 'Group.Novelty', '--to', ingress.url), { code: 1, stderr: /no example of Group\.Novelty.*Group\.CallbackAfterCreateGroup/ })
  t.match(await baton(relay, 'send', 'Group.CallbackAfterCreateGroup', '--count', '0'), { code: 1, stderr: /whole number from 1/ })
  await ingress.stop()
  t.match(await baton(relay, 'send', 'Group.CallbackAfterCreateGroup', '--to', ingress.url), { code: 1, stderr: /does not answer.*npm start/ })
})

t.test('a verb whose output nobody reads to the end ends as it would have', async t => {
  const relay = relayOf(t, {}, `apps: [{ sdkAppId: 1400000000 }]\ntargets:\n${Array.from({ length: 500 }, (_, at) => `  t${at}: { type: memory }\n`).join('')}`)
  for (const args of [['check'], ['check', '--schema']]) {
    const child = spawn(process.execPath, [bin, ...args], { cwd: relay.folder, env: relay.env, stdio: ['ignore', 'pipe', 'pipe'] })
    child.stdout.destroy()
    let stderr = ''
    child.stderr.on('data', (chunk: Buffer) => { stderr += String(chunk) })
    const [code] = await once(child, 'close')
    t.same([code, stderr], [0, ''])
  }
})

t.test('the version is the one of the package', async t => {
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))
  t.match(await baton(relayOf(t, {}, ''), '--version'), { code: 0, stdout: `${version}\n` })
  t.equal(buildProgram().version(), version)
})

t.test('send finds an ingress that listens on IPv6', async t => {
  const asked: (string | undefined)[] = []
  const server = createServer((request, response) => {
    asked.push(request.headers.host)
    response.end('{"ErrorCode":0}')
  }).listen(0, '::1')
  await once(server, 'listening')
  t.teardown(() => { server.close() })
  const address = server.address()
  const port = String(typeof address === 'object' ? address?.port : undefined)
  const relay = relayOf(t, { HOST: '::1', PORT: port }, 'apps: [{ sdkAppId: 1400000000 }]\ntargets: { memory: { type: memory } }\n')
  t.match(await baton(relay, 'send', 'Group.CallbackAfterCreateTopic'), { code: 0, stdout: /HTTP 200, ErrorCode 0/ })
  t.same(asked, [`[::1]:${port}`])
})

t.test('check tells what a relay file holds, or everything that is wrong with it', async t => {
  const good = relayOf(t, {}, 'apps: [{ sdkAppId: 1400000000, tokens: ["${TOKEN}"] }]\ntargets: { crm: { type: webhook, url: "https://crm.example.com" } }\n')
  t.match(await baton({ ...good, env: { ...good.env, TOKEN: 'secret-token' } }, 'check'), { code: 0, stdout: /^(?![^]*secret-token)The relay file fits\.[^]*1400000000 +yes[^]*crm +webhook +https:\/\/crm\.example\.com\/ +no +all after-commands/ })
  writeFileSync(join(good.folder, 'access.yaml'), 'apps:\n  - { sdkAppId: 1, tokens: [t], freshness: 1m, allow: [203.0.113.0/24, "::1"], decisions: [{ commands: [C2C.*], url: "https://a.example/d?key=hush", style: tencent, token: hush }, { commands: ["*"], url: "http://b/" }] }\ntargets: { memory: { type: memory } }\n')
  const access = { ...good, env: { ...good.env, BATON_CONFIG: 'access.yaml', INGRESS_PATH: '/cb/9f3a' } }
  t.match(await baton(access, 'check'), { code: 0, stdout: /http:\/\/127\.0\.0\.1:\d+\/cb\/9f3a +none: HTTP[^]*1 +yes, within 60 s +203\.0\.113\.0\/24, ::1[^]*1 +C2C\.\* +https:\/\/a\.example\/d +yes +1500 ms +allow +live\s+1 +\* +http:\/\/b\/ +no(?![^]*hush)/ })
  t.match(await baton({ ...access, env: { ...access.env, TLS_CERT: 'none.pem', TLS_KEY: 'none.pem' } }, 'check'), { code: 1, stderr: /TLS_CERT = "none\.pem" cannot be read \(ENOENT\)[^]*TLS_KEY = "none\.pem" cannot be read/ })
  writeFileSync(join(good.folder, 'urls.yaml'), 'apps: [{ sdkAppId: 1 }]\ntargets:\n  a: { type: webhook, url: "http://me:hush@x" }\n  b: { type: postgres, url: "postgres://[" }\n')
  t.match(await baton({ ...good, env: { ...good.env, BATON_CONFIG: 'urls.yaml' } }, 'check'), { code: 1, stderr: /^(?![^]*hush)[^]*urls\.yaml:3:23 targets\.a\.url: [^]*urls\.yaml:4:24 targets\.b\.url: is no URL/ })
  t.match(await baton(good, 'check'), { code: 1, stderr: /baton\.yaml:1:\d+ the variable .*TOKEN/ })
  writeFileSync(join(good.folder, 'baton.yaml'), 'apps: []\ntargets: { X: { type: webhook } }\nsecret: 1\n')
  const { code, stderr } = await baton(good, 'check')
  t.equal(code, 1)
  t.equal(stderr.split('\n').filter(line => line.startsWith('  - ')).length, 4)
})

t.test('check shows where everything goes, warns of what is hardly meant, and tells what is wrong in environment and file together', async t => {
  const relay = relayOf(t, {}, [
    'apps: [{ sdkAppId: 1 }]',
    'targets:',
    '  crm: { type: webhook, url: "https://crm.example.com/hooks?key=hush", style: tencent, token: hush, commands: [Group.CallbackAfterCreateTopci, "Group.*", "Grup.*"] }',
    '  house: { type: postgres, url: "postgres://me:hush@db.example:5433/chat?sslmode=require" }',
    '  local: { type: postgres, url: embedded }', ''
  ].join('\n'))
  const { code, stdout, stderr } = await baton(relay, 'check')
  t.same([code, stderr], [0, ''])
  t.match(stdout, /^Warning: baton\.yaml:3:\d+ targets\.crm\.commands\[0\]: Group\.CallbackAfterCreateTopci matches no command that Baton knows; did you mean Group\.CallbackAfterCreateTopic\?\nWarning: [^\n]*commands\[2\]: Grup\.\* matches no command that Baton knows\n/)
  t.match(stdout, /crm +webhook +https:\/\/crm\.example\.com\/hooks +yes +Group\.CallbackAfterCreateTopci, Group\.\*, Grup\.\*\nhouse +postgres +postgres:\/\/db\.example:5433\/chat +- +all after-commands; no messages\nlocal +postgres +embedded/)
  t.notMatch(stdout, 'hush')
  const { stdout: json } = await baton(relay, 'check', '--json')
  t.notMatch(json, 'hush')
  t.match(JSON.parse(json), {
    relayFile: 'baton.yaml',
    warnings: [/Topci/, /Grup/],
    targets: [{ name: 'crm', to: 'https://crm.example.com/hooks', signed: true, commands: ['Group.CallbackAfterCreateTopci', 'Group.*', 'Grup.*'] }, { name: 'house', to: 'postgres://db.example:5433/chat', signed: undefined, commands: undefined }, { to: 'embedded' }]
  })

  const ports = (env: NodeJS.ProcessEnv) => baton({ ...relay, env: { ...relay.env, ...env } }, 'check')
  t.match(await ports({ PORT: '7090', WORKER_PORT: '7090', EMBEDDED_PG_PORT: '7090' }), { code: 1, stderr: /WORKER_PORT = 7090 is PORT, too[^]*EMBEDDED_PG_PORT = 7090 is PORT, too[^]*SETTINGS_INVALID|SETTINGS_INVALID[^]*WORKER_PORT = 7090 is PORT, too[^]*EMBEDDED_PG_PORT = 7090 is PORT, too/ })
  t.match(await ports({ EMBEDDED_PG_PORT: '0' }), { code: 0 }, 'each takes a free one')

  writeFileSync(join(relay.folder, 'broken.yaml'), 'apps: []\ntargets: { a: { type: memory } }\n')
  t.match(await ports({ BATON_CONFIG: 'broken.yaml', LOG_LEVEL: 'loud' }), { code: 1, stderr: /\(SETTINGS_INVALID\)\n {2}- LOG_LEVEL = "loud"[^\n]*\n {2}- broken\.yaml:1:1 apps: name at least one app[^\n]*\n$/ })
  t.match(await ports({ BATON_CONFIG: '.', PORT: 'x' }), { code: 1, stderr: /PORT = "x"[^]*The relay file \. cannot be read: it is a folder \(EISDIR\)/ })

  rmSync(join(relay.folder, 'baton.yaml'))
  writeFileSync(join(relay.folder, 'baton.yml'), '')
  t.match(await ports({}), { code: 0, stdout: /^Warning: .*baton\.yml is not read: call it baton\.yaml[^\n]*\nThere is no relay file: the default relay fits\./ })
  t.match(JSON.parse((await baton(relay, 'check', '--json')).stdout), { relayFile: null, warnings: [/baton\.yml/] })
})

t.test('an ingress acknowledges while Redis is away or full, and forwards when it can', async t => {
  const redis = await redisServer(t)
  const hook = await receiver(t)
  const file = `apps: [{ sdkAppId: 1400000000 }]\ntargets: { crm: { type: webhook, url: "${hook.url}" } }\n`
  const relay = relayOf(t, { REDIS_URL: redis.url, LOG_LEVEL: 'silent' }, file)
  await redis.stop()

  const first = await start(t, relay, 'ingress')
  t.match(await baton(relay, 'send', 'Group.CallbackAfterCreateTopic', '--count', '20', '--to', first.url), { code: 0, stdout: /20 acknowledged/ })
  t.equal((await fetch(new URL('/readyz', first.url))).status, 200)
  t.equal(await first.stop(), 0)

  await redis.start()
  const pausing = await start(t, { ...relay, env: { ...relay.env, REDIS_MEMORY: '0MiB' } }, 'ingress')
  await start(t, relay, 'worker')
  t.match(await baton(relay, 'send', 'Group.CallbackAfterCreateTopic', '--count', '10', '--to', pausing.url), { code: 0, stdout: /10 acknowledged/ })
  t.match(await (await fetch(new URL('/metrics', pausing.url))).text(), /baton_events_forwarded_total 0\n/)
  t.equal(await pausing.stop(), 0)
  t.equal(hook.received.length, 0)

  const last = await start(t, relay, 'ingress')
  await hook.untilReceived(30)
  t.equal(new Set(hook.received.map(({ headers }) => headers['webhook-id'])).size, 30)
  t.equal(await last.stop(), 0)
})

t.test('an ingress whose volume was rolled back goes on under a new journal id, says so, and keeps its word', async t => {
  const redis = await redisServer(t)
  const hook = await receiver(t)
  const relay = relayOf(t, { REDIS_URL: redis.url, LOG_LEVEL: 'silent' }, `apps: [{ sdkAppId: 1400000000 }]\ntargets: { crm: { type: webhook, url: "${hook.url}" } }\n`)
  await start(t, relay, 'worker')
  const data = join(relay.folder, 'data')
  const sendTo = async (url: string, count: number) => {
    t.match(await baton(relay, 'send', 'Group.CallbackAfterCreateTopic', '--count', String(count), '--to', url), { code: 0, stdout: new RegExp(`${count} acknowledged`) })
  }
  const ids = () => new Set(hook.received.map(({ headers }) => headers['webhook-id']))
  const first = await start(t, relay, 'ingress')
  await sendTo(first.url, 5)
  await hook.untilReceived(5)
  await first.stop()
  cpSync(data, `${data}-before`, { recursive: true })
  const second = await start(t, relay, 'ingress')
  await sendTo(second.url, 7)
  await hook.untilReceived(12)
  await second.stop()

  rmSync(data, { recursive: true })
  cpSync(`${data}-before`, data, { recursive: true })
  const rolledBack = await start(t, relay, 'ingress')
  await sendTo(rolledBack.url, 6)
  while (ids().size < 18) await hook.untilReceived(hook.received.length + 1)
  const journals = JSON.parse((await baton(relay, 'journal', 'list', '--json')).stdout)
  t.equal(journals.length, 2, 'the old id stands there too')
  t.equal(await rolledBack.stop(), 0)
})

t.test('a callback that Tencent sends twice is delivered once, where something tells that it is the same', async t => {
  const redis = await redisServer(t)
  const hook = await receiver(t)
  const relay = relayOf(t, { REDIS_URL: redis.url, LOG_LEVEL: 'silent' }, `apps: [{ sdkAppId: 1400000000 }]\ntargets: { crm: { type: webhook, url: "${hook.url}" } }\n`)
  const ingress = await start(t, relay, 'ingress')
  const worker = await start(t, relay, 'worker')
  const group = { ...examples['Group.CallbackAfterCreateGroup'], GroupId: 'g' }
  const topic = { ...examples['Group.CallbackAfterCreateTopic'], GroupId: 'g' }
  const post = async (command: string, body: object, requestId = '') => {
    const response = await fetch(`${ingress.url}?SdkAppid=1400000000&CallbackCommand=${command}${requestId && `&RequestID=${requestId}`}`, { method: 'POST', body: JSON.stringify(body) })
    t.equal(response.status, 200)
  }
  for (let nth = 0; nth < 3; nth++) await post('Group.CallbackAfterCreateGroup', group) // the same EventTime: once
  for (const request of ['r1', 'r1', 'r2']) await post('Group.CallbackAfterCreateTopic', topic, request) // twice
  for (const Name of ['A', 'B', 'A']) await post('Group.CallbackAfterCreateTopic', { ...topic, Name }) // nothing tells: three times
  await hook.untilReceived(6)
  t.equal(await ingress.stop(), 0)
  t.equal(await worker.stop(), 0)
  t.equal(hook.received.length, 6)
})

t.test('ingress and worker stop in time and in good order while Redis is away', async t => {
  const redis = await redisServer(t)
  const relay = relayOf(t, { REDIS_URL: redis.url, LOG_LEVEL: 'silent' }, 'apps: [{ sdkAppId: 1 }]\ntargets: { memory: { type: memory } }\n')
  const worker = await start(t, relay, 'worker')
  const ingress = await start(t, relay, 'ingress')
  await redis.stop()
  t.equal(await worker.stop(), 0)
  t.equal(await ingress.stop(), 0)
})

t.test('a process that cannot start says which setting to change, and ends with 1', async t => {
  const redis = await redisServer(t)
  const evicting = await redisServer(t, '--maxmemory-policy', 'allkeys-lru')
  const relay = (env: NodeJS.ProcessEnv) => relayOf(t, env, 'apps: [{ sdkAppId: 1 }]\ntargets: { memory: { type: memory } }\n')
  const running = await start(t, relay({ REDIS_URL: redis.url }), 'ingress')
  const { port } = new URL(running.url)
  t.match(await baton(relay({ REDIS_URL: redis.url, PORT: port }), 'ingress'), { code: 1, stderr: new RegExp(`port ${port} is in use.*PORT`) })
  t.match(await baton(relay({ REDIS_URL: redis.url, PORT: 'x', LOG_LEVEL: 'loud' }), 'ingress'), { code: 1, stderr: /PORT = "x"[^]*LOG_LEVEL = "loud"/ })
  t.match(await baton(relay({ REDIS_URL: evicting.url }), 'worker'), { code: 1, stderr: /maxmemory-policy is allkeys-lru[^]*noeviction/ })
  t.match(await baton(relay({}), 'worker'), { code: 1, stderr: /REDIS_URL is not set/ })
  t.match(await baton(relay({ REDIS_URL: redis.url, BATON_CONFIG: './none.yaml' }), 'worker'), { code: 1, stderr: /none\.yaml cannot be read.*BATON_CONFIG/ })
})

t.test('somebody who watches sees events as they are routed, can keep them to send them again, and has them on a laptop', async t => {
  const redis = await redisServer(t)
  const laptop = await receiver(t, () => ({ status: 200, body: 'seen\u001b[31m' }))
  const relay = relayOf(t, { REDIS_URL: redis.url }, 'apps: [{ sdkAppId: 1400000000 }]\ntargets: { memory: { type: memory } }\n')
  const ingress = await start(t, relay, 'ingress')
  await start(t, relay, 'worker')
  const watch = (...args: string[]) => baton(relay, 'tail', ...args)
  const watching = Promise.all([
    watch('--count', '1', '--json', 'Group.*'),
    watch('--count', '1', '--body', '--forward', `${laptop.url}/hook`, '--style', 'tencent', '--token', 'secret', 'C2C.*')
  ])
  const ended = watching.then(() => true)
  do { // whoever watches is published for within a second
    for (const command of ['Group.CallbackAfterCreateGroup', 'C2C.CallbackAfterSendMsg'] as const) {
      await fetch(`${ingress.url}?SdkAppid=1400000000&CallbackCommand=${command}`, { method: 'POST', body: JSON.stringify({ ...examples[command], EventTime: Date.now() }) })
    }
  } while (!await Promise.race([ended, new Promise<false>(resolve => { setTimeout(resolve, 20, false) })]))
  const [json, forwarded] = await watching
  t.equal(json.code, 0)
  t.match(JSON.parse(json.stdout), { query: /^SdkAppid=1400000000/, body: /"GroupId"/, command: 'Group.CallbackAfterCreateGroup', event: /^evt_/, receivedAt: Number })
  t.equal(forwarded.code, 0)
  t.match(forwarded.stdout, /C2C\.CallbackAfterSendMsg {2}app 1400000000 .*\n {2}\{.*"From_Account".*\n {2}HTTP 200 after \d+ ms: seen\\u001b\[31m\n$/)
  t.match(laptop.received, [{ path: /^\/hook\?SdkAppid=1400000000.*&Sign=[0-9a-f]{64}&RequestTime=\d+$/ }])
  writeFileSync(join(relay.folder, 'kept.jsonl'), json.stdout)
  t.match(await baton(relay, 'send', '--file', 'kept.jsonl', '--to', ingress.url), { code: 0 })
  t.match(await watch('--forward', 'nowhere'), { code: 1, stderr: /URL/ })
  t.match(await watch('Group.('), { code: 1, stderr: /Group\.\( is no command/ })
})
