import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, watch, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import t, { type Test } from 'tap'
import { openJournal } from '@baton/journal'
import { FakeTencent, anEvent, freePort, misbehaving, postCallbacks, readRecording, redisServer, type FakeCallback, type Sending } from '@baton/testing'
import { examples, isBeforeCommand, readCallbackQuery, type KnownCommand } from '@baton/contracts'

const bin = fileURLToPath(new URL('../bin/baton.js', import.meta.url))
const migrate = fileURLToPath(new URL('../../../examples/migrate', import.meta.url))

const app = 1400000000
const token = 'token of today'
const before: KnownCommand = 'Group.CallbackBeforeSendMsg'
const commands: KnownCommand[] = ['Group.CallbackAfterCreateGroup', 'Group.CallbackAfterCreateTopic', 'Group.CallbackAfterSendMsg', 'C2C.CallbackAfterSendMsg', before, 'State.StateChange', 'C2C.CallbackBeforeSendMsg']

const needsNginx = { skip: spawnSync('nginx', ['-v']).error !== undefined && 'NOT TESTED: there is no nginx on this machine; install one (apt-get install nginx-light, brew install nginx)' }

interface Place {
  folder: string
  env: NodeJS.ProcessEnv
  /** Of nginx's callback URL. */
  url: string
  controllerPort: number
}

/** The files of the guide in a folder of the test's own, on free ports. */
async function aPlace (t: Test): Promise<Place> {
  const folder = t.testdir({ temp: {} })
  const redis = await redisServer(t)
  const [callbacks = 0, recorder = 0, controller = 0, ingress = 0] = await Promise.all([freePort(), freePort(), freePort(), freePort()])
  const ports = new Map([['127.0.0.1:8080', callbacks], ['127.0.0.1:8081', recorder], ['127.0.0.1:3000', controller], ['127.0.0.1:7080', ingress]])
  for (const name of readdirSync(migrate).filter(name => /\.(conf|yaml)$/.test(name))) {
    let text = readFileSync(join(migrate, name), 'utf8')
    for (const [address, port] of ports) text = text.replaceAll(address, `127.0.0.1:${port}`)
    writeFileSync(join(folder, name), text)
  }
  cpSync(join(migrate, 'controller.mjs'), join(folder, 'controller.mjs'))
  return {
    folder,
    env: { PATH: process.env['PATH'], LOG_LEVEL: 'warn', PORT: String(ingress), WORKER_PORT: '0', REDIS_URL: redis.url, TENCENT_CALLBACK_TOKEN: token },
    url: `http://127.0.0.1:${callbacks}/`,
    controllerPort: controller
  }
}

interface Running {
  child: ChildProcess
  stop: (signal?: NodeJS.Signals) => Promise<void>
}

function running (t: Test, child: ChildProcess, signal: NodeJS.Signals): Running {
  const exited = once(child, 'exit')
  const stop = async (by = signal) => {
    child.kill('SIGCONT')
    child.kill(by)
    await exited
  }
  t.teardown(stop)
  return { child, stop }
}

/** Starts `baton ingress` or `baton worker` with a relay file of the guide, and waits until it is ready. */
async function start (t: Test, { env, folder }: Place, part: 'ingress' | 'worker', relayFile: string): Promise<Running> {
  const child = spawn(process.execPath, ['--enable-source-maps', bin, part], { cwd: folder, env: { ...env, BATON_CONFIG: relayFile }, stdio: ['ignore', 'pipe', 'inherit', 'ipc'] })
  child.stdout?.resume()
  const started = running(t, child, 'SIGTERM')
  await once(child, 'message')
  return started
}

interface Controller extends Running {
  said: string[]
  untilSaid: (isThere: (said: string[]) => boolean) => Promise<void>
}

async function startController (t: Test, { folder, controllerPort }: Place): Promise<Controller> {
  const child = spawn(process.execPath, ['controller.mjs'], { cwd: folder, env: { PORT: String(controllerPort), TOKEN: token }, stdio: ['ignore', 'pipe', 'inherit'] })
  const said: string[] = []
  const lines = createInterface({ input: child.stdout }).on('line', line => { said.push(line) })
  const untilSaid: Controller['untilSaid'] = async isThere => { while (!isThere(said)) await once(lines, 'line') }
  await untilSaid(said => said.length > 0)
  return { ...running(t, child, 'SIGKILL'), said, untilSaid }
}

/** Started anew for each stage; what it was asked before is answered. */
async function startNginx (t: Test, { folder, url }: Place, file: string): Promise<Running> {
  const user = process.getuid?.() === 0 ? 'user root; ' : '' // another one could not reach the folder
  const child = spawn('nginx', ['-p', `${folder}/`, '-c', file, '-e', 'error.log', '-g', `${user}daemon off;`], { stdio: ['ignore', 'inherit', 'inherit'] })
  const started = running(t, child, 'SIGQUIT')
  while (!await isOpen(Number(new URL(url).port))) if (child.exitCode !== null) throw new Error('nginx has ended')
  return started
}

const isOpen = async (port: number): Promise<boolean> => await new Promise(resolve => {
  const socket = connect(port, '127.0.0.1', () => { socket.destroy(); resolve(true) }).on('error', () => { resolve(false) })
})

/** Runs a verb to its end. */
async function baton ({ env, folder }: Pick<Place, 'env' | 'folder'>, ...args: string[]): Promise<{ code: number | null, stdout: string, stderr: string }> {
  const child = spawn(process.execPath, [bin, ...args], { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] })
  const output = { stdout: '', stderr: '' }
  child.stdout.setEncoding('utf8').on('data', (text: string) => { output.stdout += text })
  child.stderr.setEncoding('utf8').on('data', (text: string) => { output.stderr += text })
  const [code] = await once(child, 'close')
  return { code, ...output }
}

/** Prints the journal into a file. */
async function exportTo (place: Pick<Place, 'env' | 'folder'>, file: string, ...args: string[]): Promise<void> {
  const { code, stdout, stderr } = await baton(place, 'journal', 'export', ...args)
  if (code !== 0) throw new Error(stderr)
  writeFileSync(join(place.folder, file), stdout)
}

async function compareFiles (place: Place, received: string, accepted: string, ...args: string[]) {
  const { code, stdout, stderr } = await baton(place, 'compare', '--received', received, '--accepted', accepted, '--edge', '0s', '--json', ...args)
  return { code, stderr, ...JSON.parse(stdout === '' ? '{}' : stdout) }
}

/** Of the ingress, summed up over its labels. */
async function metric ({ env }: Pick<Place, 'env'>, name: string): Promise<number> {
  const text = await (await fetch(`http://127.0.0.1:${env['PORT']}/metrics`)).text()
  return [...text.matchAll(new RegExp(`^${name}(?:\\{.*\\})? (\\d+)$`, 'gm'))].reduce((sum, [, value]) => sum + Number(value), 0)
}

const linesIn = ({ folder }: Pick<Place, 'folder'>, file: string): string[] =>
  existsSync(join(folder, file)) ? readFileSync(join(folder, file), 'utf8').split('\n').filter(line => line !== '') : []

/** nginx writes a line once the copy is answered too. */
async function untilLines (place: Place, file: string, count: number): Promise<void> {
  const changes = watch(place.folder)
  while (linesIn(place, file).length < count) await once(changes, 'change')
  changes.close()
}

const shaOf = (body: Buffer): string => createHash('sha256').update(body).digest('hex')

/** Posts to the callback URL as Tencent does, and answers what was answered, by command and ErrorCode; a callback without an answer has none. */
async function post (place: Place, sendings: Iterable<Sending>, connections = 4): Promise<{ sent: number, answers: Record<string, number>, longest: number }> {
  const answers: Record<string, number> = {}
  const { sent, unreachable, latency } = await postCallbacks(sendings, {
    to: place.url,
    tokenOf: () => token,
    connections,
    onOutcome: outcome => {
      const answer = `${isBeforeCommand(outcome.command) ? 'before' : 'after'} ${outcome.kind === 'answer' ? outcome.answer.errorCode : outcome.kind}`
      answers[answer] = (answers[answer] ?? 0) + 1
    }
  })
  if (unreachable !== undefined) throw unreachable
  return { sent, answers, longest: latency?.max ?? 0 }
}

let time = Date.now()
const tencent = new FakeTencent({ appId: app, clock: () => ++time })

/** All kinds of callbacks, of which every tenth comes twice. */
function aMixture (count: number): Sending[] {
  let turn = 0
  return [...misbehaving(count, () => tencent.callback(commands[turn++ % commands.length] ?? before), { kinds: ['repeat'], share: 0.1, seed: count })]
}

const ofCommand = (command: KnownCommand, count: number): Sending[] => Array.from({ length: count }, () => ({ callback: tencent.callback(command) }))

let messages = 0
function aMessage (text: string): Sending {
  const body = { ...examples[before], MsgSeq: ++messages, MsgBody: [{ MsgType: 'TIMTextElem', MsgContent: { Text: text } }] }
  return { callback: { command: before, query: `SdkAppid=${app}&CallbackCommand=${before}&contenttype=json`, body: Buffer.from(JSON.stringify(body)), headers: {} } }
}

const bodiesOf = (sendings: Sending[]): string[] => sendings.map(({ callback: { body } }: { callback: FakeCallback }) => shaOf(body))

t.test('a team puts Baton beside its controller, in front of it, and goes back, and loses nothing', needsNginx, async t => {
  const place = await aPlace(t)
  const { folder } = place
  let controller = await startController(t, place)

  // Stage 1: copies.
  let worker = await start(t, place, 'worker', 'baton-shadow.yaml')
  let ingress = await start(t, place, 'ingress', 'baton-shadow.yaml')
  let nginx = await startNginx(t, place, 'nginx-shadow.conf')
  const copied = await post(place, [aMessage('come to the casino'), ...aMixture(300)])
  t.ok(copied.sent > 310, `${copied.sent} sent`)
  t.equal(copied.answers['before 10101'], 1, 'the controller moderates as before')
  t.equal(copied.answers['after 0'] ?? 0, copied.sent - 1 - (copied.answers['before 0'] ?? 0))
  await untilLines(place, 'received.jsonl', copied.sent)
  t.notMatch(readFileSync(join(folder, 'received.jsonl'), 'utf8'), 'Sign=', 'the log has no credentials')
  await exportTo(place, 'accepted.jsonl')
  const matching = await compareFiles(place, 'received.jsonl', 'accepted.jsonl')
  t.match(matching, { code: 0, isMatch: true, total: { both: copied.sent, callbacks: { received: copied.sent, accepted: copied.sent } }, missing: [], badLines: { count: 0 } })
  t.same(matching.total.repeats, { received: copied.sent - 301, accepted: copied.sent - 301 })
  t.match(await baton(place, 'compare', '--received', 'received.jsonl', '--accepted', 'accepted.jsonl'), { code: 0, stdout: new RegExp(`^all match: ${copied.sent} on both sides, 0 only received`, 'm') })
  const asked = JSON.parse(linesIn(place, 'accepted.jsonl').find(line => line.includes('casino')) ?? '{}')
  t.match(asked.decision, { verdict: 'allow', by: 'shadow', answer: /10101/ }, 'what the controller says to Baton stands with the event')

  // Copies that Baton does not get are named.
  await ingress.stop('SIGKILL')
  const lost = ofCommand('Group.CallbackAfterCreateTopic', 2)
  t.same((await post(place, lost)).answers, { 'after 0': 2 }, 'the controller does not mind')
  ingress = await start(t, place, 'ingress', 'baton-shadow.yaml')
  await post(place, aMixture(20))
  const received = linesIn(place, 'received.jsonl').length
  await exportTo(place, 'accepted.jsonl')
  await untilLines(place, 'received.jsonl', received)
  const missing = await compareFiles(place, 'received.jsonl', 'accepted.jsonl')
  t.match(missing, { code: 1, isMatch: false, total: { only: { received: { missing: 2 }, accepted: { missing: 0 } } } })
  t.same(missing.missing.map(({ sha256 }: { sha256: string }) => sha256).sort(), bodiesOf(lost).sort())
  t.match(missing.missing, lost.map(() => ({ only: 'received', command: 'Group.CallbackAfterCreateTopic', time: String, times: { received: 1, accepted: 0 } })))

  // A Baton that hangs holds up nobody for long.
  ingress.child.kill('SIGSTOP')
  const held = await post(place, [aMessage('fine'), aMessage('casino'), ...ofCommand('State.StateChange', 8)], 1) // over one connection
  t.same(held.answers, { 'before 0': 1, 'before 10101': 1, 'after 0': 8 })
  t.ok(held.longest < 1_900, `all in time for Tencent: ${held.longest} ms at most`)
  ingress.child.kill('SIGCONT')

  // Stage 2: in front. No copies any more, and none on its way, before the controller is a target, or it would get them too.
  await nginx.stop()
  while (await metric(place, 'baton_journal_unsettled_events') > 0);
  await ingress.stop()
  await worker.stop()
  rmSync(join(folder, 'received.jsonl'))
  worker = await start(t, place, 'worker', 'baton-both.yaml')
  ingress = await start(t, place, 'ingress', 'baton-both.yaml')
  nginx = await startNginx(t, place, 'nginx-switched.conf')
  const switched = new Date().toISOString()
  const front = [aMessage('come to the casino'), ...aMixture(200), aMessage('casino!')]
  const different = new Set(bodiesOf(front)).size
  const saidBefore = controller.said.length
  const relayed = await post(place, front)
  t.equal(relayed.answers['before 10101'], 2, 'who sends a forbidden word is told by the controller, through Baton')
  t.equal(relayed.answers['after 0'] ?? 0, relayed.sent - 2 - (relayed.answers['before 0'] ?? 0))
  await untilLines(place, 'received.jsonl', different)
  await exportTo(place, 'accepted.jsonl', '--since', switched)
  t.match(await compareFiles(place, 'received.jsonl', 'accepted.jsonl', '--distinct'), { code: 0, total: { both: different } })
  t.equal(linesIn(place, 'received.jsonl').filter(line => !isBeforeCommand(readCallbackQuery(JSON.parse(line).query).command ?? '')).length, new Set(bodiesOf(front.filter(({ callback }) => !isBeforeCommand(callback.command)))).size, 'each after-callback once: its signature was right')
  const groups = front.filter(({ callback }) => callback.command === 'Group.CallbackAfterCreateGroup').map(({ callback }) => JSON.parse(String(callback.body)).GroupId)
  t.same(controller.said.slice(saidBefore).map(line => line.slice('group '.length, line.indexOf(' is called '))).sort(), [...new Set(groups)].sort(), 'the controller knows each group, and was told once')

  // The controller is down for a while.
  await controller.stop()
  const meanwhile = ofCommand('Group.CallbackAfterCreateGroup', 20)
  const undecided = [aMessage('casino 1'), aMessage('casino 2'), aMessage('fine')]
  t.same((await post(place, [...meanwhile, ...undecided], 1)).answers, { 'after 0': 20, 'before 0': 3 }, 'before-callbacks fall back')
  const sofar = linesIn(place, 'received.jsonl').length
  controller = await startController(t, place)
  await untilLines(place, 'received.jsonl', sofar + 20)
  await exportTo(place, 'accepted.jsonl', '--since', switched)
  const decided = await compareFiles(place, 'received.jsonl', 'accepted.jsonl', '--distinct', '--examples', '50')
  t.same(decided.missing.map(({ only, sha256 }: { only: string, sha256: string }) => `${only} ${sha256}`).sort(), bodiesOf(undecided).map(sha => `accepted ${sha}`).sort(), 'what nobody was there to decide about is all that the controller did not get')

  // Baton is away: the controller answers by itself.
  await ingress.stop('SIGKILL')
  t.same((await post(place, [aMessage('casino 3'), ...ofCommand('Group.CallbackAfterCreateTopic', 3)])).answers, { 'before 10101': 1, 'after 0': 3 })
  ingress = await start(t, place, 'ingress', 'baton-both.yaml')

  // And back, while something still waits in Baton.
  await controller.stop()
  const waiting = ofCommand('Group.CallbackAfterCreateGroup', 10)
  while ((await post(place, [aMessage('fine')])).answers['before 0'] !== 1); // till nginx has found out that Baton is back
  t.same((await post(place, waiting)).answers, { 'after 0': 10 })
  await nginx.stop()
  const back = readFileSync(join(folder, 'nginx-switched.conf'), 'utf8').replace(/(server 127\.0\.0\.1:\d+ max_fails=1 fail_timeout=2s);/, '$1 down;')
  t.match(back, /:\d+ max_fails=1 fail_timeout=2s down;/)
  writeFileSync(join(folder, 'nginx-back.conf'), back)
  controller = await startController(t, place)
  nginx = await startNginx(t, place, 'nginx-back.conf')
  t.same((await post(place, [aMessage('casino 4'), ...ofCommand('Group.CallbackAfterCreateGroup', 5)])).answers, { 'before 10101': 1, 'after 0': 5 })
  const named = (sendings: Sending[]) => sendings.map(({ callback }) => `group ${JSON.parse(String(callback.body)).GroupId} `)
  await controller.untilSaid(said => named(waiting).every(name => said.some(line => line.startsWith(name))))
  t.equal(controller.said.filter(line => line.startsWith('group ')).length, 15, 'the controller got what waited in Baton, and what came after')
  while (JSON.parse((await baton(place, 'status', '--json')).stdout).queues.some((queue: { waiting: number, delayed: number, active: number, dead: number }) => queue.waiting + queue.delayed + queue.active + queue.dead > 0));
  for (const part of [ingress, worker, nginx, controller]) await part.stop()
})

t.test('production copies its callbacks to a staging relay that has another token', async t => {
  const production = await aPlace(t)
  const redis = await redisServer(t)
  const folder = join(production.folder, 'staging')
  mkdirSync(folder)
  const staging: Place = { ...production, folder, env: { ...production.env, REDIS_URL: redis.url, PORT: String(await freePort()), STAGING_CALLBACK_TOKEN: 'token of staging', TENCENT_CALLBACK_TOKEN: undefined } }
  const ownMemory = readFileSync(join(production.folder, 'baton-staging.yaml'), 'utf8').replace(/^ *type: postgres\n *url: embedded$/m, '    type: memory')
  t.match(ownMemory, 'type: memory')
  writeFileSync(join(folder, 'baton-staging.yaml'), ownMemory)
  production.env = { ...production.env, STAGING_CALLBACK_URL: `http://127.0.0.1:${staging.env['PORT']}/`, STAGING_CALLBACK_TOKEN: 'token of staging' }
  await startController(t, production)
  const parts = await Promise.all([
    start(t, production, 'worker', 'baton-copying.yaml'),
    start(t, production, 'ingress', 'baton-copying.yaml'),
    start(t, staging, 'worker', 'baton-staging.yaml'),
    start(t, staging, 'ingress', 'baton-staging.yaml')
  ])
  const sendings = aMixture(60)
  await post({ ...production, url: `http://127.0.0.1:${production.env['PORT']}/` }, sendings)
  const distinct = new Set(bodiesOf(sendings)).size
  while (await metric(staging, 'baton_callbacks_accepted_total') < distinct);
  await exportTo(staging, 'copied.jsonl')
  await exportTo(production, 'accepted.jsonl')
  t.match(await compareFiles(production, 'accepted.jsonl', 'staging/copied.jsonl', '--distinct'), { code: 0, total: { both: distinct } })
  for (const part of parts) await part.stop()
})

t.test('an export that nobody reads on, or that the disk does not take, ends there and says so; one that is read slowly is whole', async t => {
  const folder = t.testdir({ data: {} })
  const journal = await openJournal({ folder: join(folder, 'data', 'journal'), unsettledQuota: 1 << 30, retainedQuota: 1 << 30, retention: 3_600_000, minimumFree: 0 })
  await Promise.all(Array.from({ length: 4_000 }, async (_, nth) => { await journal.append(anEvent({ body: { nth, filling: 'x'.repeat(1_000) } })) }))
  await journal.close()
  const shell = (tail: string) => spawnSync('sh', ['-c', `"${process.execPath}" "${bin}" journal export ${tail}`], { cwd: folder, env: { PATH: process.env['PATH'] }, encoding: 'utf8', maxBuffer: 1 << 26 })
  const short = shell('| head -n 1')
  t.match(short, { stdout: /^\{"query":.*\n$/, stderr: /ended early: what was printed is not all/ })
  t.notMatch(short.stderr, '4000 events')
  const slow = shell('| (sleep 1; cat)')
  t.match(slow, { status: 0, stderr: /^4000 events; the journal has those since .*\n$/ })
  t.equal(slow.stdout.split('\n').length, 4_001)
  if (existsSync('/dev/full')) t.match(shell('> /dev/full'), { status: 1, stderr: /ended early/ })
})

t.test('a journal is printed whether its ingress runs or not, as far as it is asked for, and says where it has forgotten', async t => {
  const place = await aPlace(t)
  place.env = { ...place.env, JOURNAL_RETENTION: '0m' }
  const url = `http://127.0.0.1:${place.env['PORT']}/`
  const printed = async (...args: string[]) => {
    const { code, stdout, stderr } = await baton(place, 'journal', 'export', ...args)
    return { code, stderr, events: stdout.split('\n').filter(line => line !== '').map(line => JSON.parse(line)) }
  }
  t.match(await printed(), { code: 1, events: [], stderr: /There is no journal in data.journal: no ingress has run here\. Set BATON_DATA_DIR .*--folder\. \(NOT_FOUND\)/ })
  t.match(await printed('--since', '10m', '--until', '20m'), { code: 1, events: [], stderr: /--until is not after --since.*BAD_ARGUMENT/ })
  let ingress = await start(t, place, 'ingress', 'baton-shadow.yaml')
  t.match(await printed(), { code: 0, events: [], stderr: '0 events; the journal has none at the moment\n' })
  const sendings = [...ofCommand('Group.CallbackAfterCreateTopic', 3), ...ofCommand('State.StateChange', 2)]
  const first = new Date().toISOString()
  await post({ ...place, url }, sendings.slice(0, 2), 1)
  const second = new Date().toISOString()
  await post({ ...place, url }, sendings.slice(2), 1)
  const all = await printed()
  t.match(all, { code: 0, stderr: /^5 events; the journal has those since 2[\d-]+T[\d:.]+Z\n$/ })
  t.same(all.events.map(({ body }) => body), sendings.map(({ callback }) => String(callback.body)))
  t.match(all.events, sendings.map(({ callback: { command } }) => ({ event: /^evt_/, app, command, query: /SdkAppid=1400000000/, receivedAt: Number })))
  t.notMatch(JSON.stringify(all.events), 'Sign=')
  t.match(readRecording(all.events.map(event => JSON.stringify(event)).join('\n')), { kind: 'callbacks', callbacks: sendings.map(({ callback: { command, body } }) => ({ command, body })) }, '`baton send --file` reads it')
  t.equal((await printed('--since', first)).events.length, 5)
  t.same((await printed('--since', second)).events, all.events.slice(2))
  t.same((await printed('--since', first, '--until', second)).events, all.events.slice(0, 2))
  t.same((await printed('--until', first)).events, [])
  t.same((await printed('--command', 'State.*', 'C2C.*')).events, all.events.slice(3))
  t.match(await printed('--command', 'no such'), { code: 1, stderr: /BAD_ARGUMENT/ })
  t.match(await printed('--since', 'yesterday'), { code: 1, stderr: /write how long ago/ })
  t.match(await printed('--since', '1h'), { code: 0 }, 'it has forgotten nothing yet')
  const short = spawnSync('sh', ['-c', `yes | head -n 1; "${process.execPath}" "${bin}" journal export | head -c 20`], { cwd: place.folder, env: place.env, encoding: 'utf8' })
  t.match(short, { status: 0, stdout: /^y\n\{"query":"/ })
  t.notMatch(short.stderr, 'EPIPE')
  await ingress.stop()
  t.same((await printed()).events, all.events)
  t.same((await printed('--folder', 'data/journal')).events, all.events)

  ingress = await start(t, place, 'ingress', 'baton-shadow.yaml')
  const worker = await start(t, place, 'worker', 'baton-shadow.yaml')
  while ((await printed('--since', '1h')).code === 0); // what is settled is forgotten at once here
  t.match(await printed('--since', '1h'), { code: 1, stderr: /reaches further back/ })
  await worker.stop()
  await ingress.stop()
})
