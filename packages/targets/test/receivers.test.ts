import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { createHmac } from 'node:crypto'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, rmdirSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import t, { type Test } from 'tap'
import { request } from 'undici'
import { signatureOf, type Event } from '@baton/contracts'
import { createLogger, eventRequests, type StyleSettings } from '@baton/runtime'
import { anEvent } from '@baton/testing'
import { outcomeOfStatus } from '../src/webhook/outcome-of-status.ts'
import { webhook } from '../src/webhook/webhook.ts'

const root = new URL('../../../', import.meta.url)
const source = (path: string) => fileURLToPath(new URL(`examples/receivers/${path}`, root))

interface Language {
  /** Its folder. */
  name: string
  /** Succeeds where the language is at hand. */
  version: string[]
  /** How the receiver is started as its first lines say; what has to be made of it first goes into the folder. */
  command: (folder: string) => string[]
  /** Of its own, beyond those of all receivers. */
  env?: Record<string, string>
}

const languages: Language[] = [
  {
    name: 'typescript',
    version: [process.execPath, '--version'],
    command: folder => {
      execFileSync(process.execPath, [fileURLToPath(new URL('node_modules/typescript/bin/tsc', root)), '-p', source('typescript'), '--outDir', folder])
      writeFileSync(join(folder, 'package.json'), '{"type":"module"}')
      const runsTypes = 'typescript' in process.features && process.features.typescript !== false
      return [process.execPath, runsTypes ? source('typescript/receiver.ts') : join(folder, 'receiver.js')]
    }
  },
  { name: 'java', version: ['javac', '-version'], command: () => ['java', source('java/Receiver.java')] },
  {
    name: 'go',
    version: ['go', 'version'],
    command: folder => {
      execFileSync('go', ['build', '-buildvcs=false', '-o', join(folder, 'receiver'), source('go/receiver.go')])
      return [join(folder, 'receiver')]
    }
  },
  { name: 'php', version: ['php', '--version'], command: () => ['php', '-S', '127.0.0.1:0', source('php/receiver.php')], env: { PHP_CLI_SERVER_WORKERS: '4' } },
  { name: 'python', version: ['python3', '--version'], command: () => ['python3', source('python/receiver.py')] }
]

const isAtHand = ({ version: [command = '', ...options] }: Language): boolean => spawnSync(command, options, { stdio: 'ignore' }).status === 0

/** Ends the receiver, and what it has started, when the input ends, as it also does when this process dies. */
const runUntilInputEnds = '"$0" "$@" & trap : TERM; read -r _; kill -TERM 0; wait'

/** Where a receiver of the test's own listens. */
async function started (t: Test, command: readonly string[], env: Record<string, string>): Promise<string> {
  const receiver = spawn('sh', ['-c', runUntilInputEnds, ...command], {
    env: { ...process.env, NODE_OPTIONS: '', ...env, PORT: '0' },
    detached: true, // a process group of its own, all of which ends
    stdio: ['pipe', 'pipe', 'pipe']
  })
  const exit = once(receiver, 'exit')
  t.teardown(async () => {
    receiver.stdin.end()
    await exit
  })
  const said: string[] = []
  return await new Promise<string>((resolve, reject) => {
    for (const output of [receiver.stdout, receiver.stderr]) {
      createInterface(output).on('line', line => {
        if (said.length < 100) said.push(line)
        const [url] = /http:\/\/127\.0\.0\.1:\d+/.exec(line) ?? []
        if (url !== undefined) resolve(url)
      })
    }
    void exit.then(() => reject(new Error(`the receiver ended:\n${said.join('\n')}`)))
  })
}

const secretOf = (byte: number) => `whsec_${Buffer.alloc(24, byte).toString('base64')}`
const [known, alsoKnown, other] = [secretOf(1), secretOf(2), secretOf(3)]
const baton = (...secrets: string[]) => ({ style: 'baton', secrets }) as const
const tencent = (token: string) => ({ style: 'tencent', token }) as const

const pathOf = ({ style }: StyleSettings) => `/${style}`
const context = { name: 'crm', log: createLogger('test', 'silent'), embeddedPostgresPort: 0, concurrency: 20, timeout: 20_000 }

/** Outcomes of the real target, all events at once. */
async function delivered (url: string, style: StyleSettings, ...events: Event[]) {
  const target = webhook.open({ url, network: 'private', ...style }, context)
  try {
    return await target.deliver(events, { signal: AbortSignal.timeout(20_000), attempt: 1 })
  } finally {
    await target.close()
  }
}

interface Sent {
  path: string
  headers: Record<string, string>
  body: Buffer
}

interface Doctoring {
  secondsAgo?: number
  change?: (sent: Sent) => Sent
}

/** The status for a request as the target makes it, but for what is doctored. */
async function statusOf (url: string, style: StyleSettings, event: Event, { secondsAgo = 0, change = sent => sent }: Doctoring): Promise<number> {
  const made = eventRequests(url + pathOf(style), style)(event, { attempt: 1, now: Date.now() - 1_000 * secondsAgo })
  const { path, ...sent } = change({ ...made, body: event.body })
  const response = await request(url + path, { method: 'POST', ...sent })
  await response.body.dump()
  return response.statusCode
}

const body = (value: (before: Buffer) => Buffer): Doctoring => ({ change: sent => ({ ...sent, body: value(sent.body) }) })
const header = (name: string, value: (before: string) => string): Doctoring => ({ change: sent => ({ ...sent, headers: { ...sent.headers, [name]: value(sent.headers[name] ?? '') } }) })
const noHeader = (name: string): Doctoring => ({ change: sent => ({ ...sent, headers: Object.fromEntries(Object.entries(sent.headers).filter(([key]) => key !== name)) }) })
const path = (from: RegExp, to: string): Doctoring => ({
  change: sent => {
    if (!from.test(sent.path)) throw new Error(`nothing to change in ${sent.path}`)
    return { ...sent, path: sent.path.replace(from, to) }
  }
})

const doctoredSignatures: Record<string, Doctoring> = {
  'another body': body(bytes => Buffer.from(bytes.toString().replace('"GroupId"', '"GroupID"'))),
  'a longer body': body(bytes => Buffer.concat([bytes, Buffer.from(' ')])),
  'no body': body(() => Buffer.alloc(0)),
  'another id': header('webhook-id', id => `${id}x`),
  'another time': header('webhook-timestamp', time => String(Number(time) + 1)),
  'no time': header('webhook-timestamp', () => 'now'),
  'another version': header('webhook-signature', signature => signature.replace('v1,', 'v2,')),
  'no version': header('webhook-signature', signature => signature.replace('v1,', '')),
  'a shorter signature': header('webhook-signature', signature => signature.slice(0, -1)),
  'an empty signature': header('webhook-signature', () => 'v1,'),
  'a signature that is not ASCII': header('webhook-signature', () => 'v1,\u00fc'),
  'no header webhook-id': noHeader('webhook-id'),
  'no header webhook-timestamp': noHeader('webhook-timestamp'),
  'no header webhook-signature': noHeader('webhook-signature'),
  'signed long ago': { secondsAgo: 310 },
  'signed in the future': { secondsAgo: -310 }
}

const doctoredSigns: Record<string, Doctoring> = {
  'another Sign': path(/Sign=[^&]*/, `Sign=${'0'.repeat(64)}`),
  'an empty Sign': path(/Sign=[^&]*/, 'Sign='),
  'a Sign that is not ASCII': path(/Sign=[^&]*/, 'Sign=%C3%BC'),
  'no Sign': path(/Sign=[^&]*&/, ''),
  'no RequestTime': path(/&RequestTime=[^&]*/, ''),
  'another RequestTime': path(/RequestTime=[^&]*/, 'RequestTime=1'),
  'a signed RequestTime that is no time': path(/&Sign=.*/, `&Sign=${signatureOf('token', 'now')}&RequestTime=now`),
  'signed long ago': { secondsAgo: 70 },
  'signed in the future': { secondsAgo: -70 }
}

const anEventWith = (text: string): Event => ({ ...anEvent(), body: Buffer.from(text) })

for (const language of languages) {
  const skip = !isAtHand(language) && `NOT TESTED: ${language.version.join(' ')} does not work on this machine, so the receiver in ${language.name} was not run`

  t.test(`the receiver in ${language.name}`, { skip }, async t => {
    const folder = mkdtempSync(join(tmpdir(), 'baton-receiver-'))
    t.teardown(() => { rmSync(folder, { recursive: true, force: true }) })
    const file = join(folder, 'events.log')
    const command = language.command(folder)
    const start = (env: Record<string, string>) => started(t, command, { ...language.env, EVENTS_FILE: file, ...env })
    const url = await start({ WEBHOOK_SECRETS: `${known} ${alsoKnown}`, TENCENT_TOKENS: 'old-token token' })

    /** What the receiver has done. */
    const lines = () => existsSync(file) ? readFileSync(file, 'utf8').split('\n').filter(Boolean) : []
    const timesDone = ({ id }: Event) => lines().filter(line => line.startsWith(`${id} `)).length
    const timesSeen = (text: string) => lines().filter(line => line.includes(text)).length

    const styles = [baton(known), tencent('token')]

    t.test('answers 2xx only when the work is done', async t => {
      for (const style of styles) {
        const event = anEvent({ body: { GroupId: `work-${style.style}`, EventTime: 1_700_000_000_000 } })
        mkdirSync(file) // a folder cannot be written as a file
        t.match(await delivered(url + pathOf(style), style, event), [{ kind: 'retry', code: 'http_500' }], style.style)
        rmdirSync(file)
        t.match(await delivered(url + pathOf(style), style, event), [{ kind: 'delivered' }], style.style)
        t.equal(timesSeen(`work-${style.style}`), 1)
        rmSync(file)
      }
    })

    t.test('accepts a delivery that is signed with any secret that it knows', async t => {
      for (const secrets of [[known], [alsoKnown], [other, known], [alsoKnown, other]]) {
        const event = anEvent()
        t.match(await delivered(`${url}/baton`, baton(...secrets), event), [{ kind: 'delivered' }])
        t.equal(timesDone(event), 1)
      }
      for (const token of ['token', 'old-token']) t.match(await delivered(`${url}/tencent`, tencent(token), anEvent()), [{ kind: 'delivered' }])
    })

    t.test('reads what came: any script, numbers of any size, a byte order mark', async t => {
      const name = 'ünïcode 😀 号 "12345678901234567890" é \\'
      for (const style of styles) {
        const event = anEventWith(`\uFEFF{"CallbackCommand":"Group.CallbackAfterCreateGroup","GroupId":"read-${style.style}","Name":${JSON.stringify(name).replace('é', '\\u00e9')},
          "Owner_Account" : 144115212830834855,"Large":[9007199254740993,-9007199254740993,{"n":18446744073709551617}],"Small":[1,-0.5,1e3],"None":[{},[],null,true,false,""]}`)
        t.match(await delivered(url + pathOf(style), style, event), [{ kind: 'delivered' }], style.style)
        const [line = ''] = lines().filter(line => line.includes(`read-${style.style}`))
        t.ok(line.includes(name) || line.includes(JSON.stringify(name).slice(1, -1)), line)
        for (const number of ['144115212830834855', '9007199254740993', '-9007199254740993', '18446744073709551617']) {
          t.match(line, new RegExp(`[^\\d-]${number}[^\\d.]`), line)
        }
        t.match(line, / Group\.CallbackAfterCreateGroup \{/)
      }
    })

    t.test('of style tencent, tells a repeat by EventTime, else by RequestID, else not at all', async t => {
      const cases = [
        { fields: ',"EventTime":1700000000001', query: '', times: 1 },
        { fields: ',"EventTime":"1700000000002"', query: '', times: 1 },
        { fields: '', query: '&RequestID=cf026bb1', times: 1 },
        { fields: '', query: '&RequestId=cf026bb2', times: 1 },
        { fields: '', query: '', times: 3 },
        { fields: ',"EventTime":""', query: '&RequestID=', times: 3 }
      ]
      for (const [nth, { fields, query, times }] of cases.entries()) {
        const event = anEventWith(`{"CallbackCommand":"Group.CallbackAfterCreateGroup","GroupId":"repeat-${nth}."${fields}}`)
        event.query += query
        t.match(await delivered(`${url}/tencent`, tencent('token'), event, event, event), [{ kind: 'delivered' }, { kind: 'delivered' }, { kind: 'delivered' }])
        t.equal(timesSeen(`repeat-${nth}.`), times, fields + query)
      }
      const requested = [1, 2].map(id => ({ ...anEventWith('{"CallbackCommand":"Group.CallbackAfterCreateGroup","GroupId":"twice"}'), query: `RequestID=${id}` }))
      t.match(await delivered(`${url}/tencent`, tencent('token'), ...requested), [{ kind: 'delivered' }, { kind: 'delivered' }])
      t.equal(timesSeen('twice'), 2, 'two requests are two events')
    })

    t.test('refuses what is forged, old or unsigned, and Baton tries again slowly until somebody has mended it', async t => {
      const before = lines()
      const slowly = [{ kind: 'retry', slow: true, code: 'http_401' }]
      t.match(await delivered(`${url}/baton`, baton(other), anEvent()), slowly)
      t.match(await delivered(`${url}/baton`, { style: 'baton' }, anEvent()), slowly)
      t.match(await delivered(`${url}/tencent`, tencent('another'), anEvent()), slowly)
      t.match(await delivered(`${url}/tencent`, { style: 'tencent' }, anEvent()), slowly)
      t.match(await delivered(`${url}/elsewhere`, baton(known), anEvent()), [{ kind: 'retry', slow: true, code: 'http_404' }])

      for (const [name, doctoring] of Object.entries(doctoredSignatures)) t.equal(await statusOf(url, baton(known), anEvent(), doctoring), 401, name)
      for (const [name, doctoring] of Object.entries(doctoredSigns)) t.equal(await statusOf(url, tencent('token'), anEvent(), doctoring), 401, name)
      const get = await request(`${url}/baton`)
      await get.body.dump()
      t.ok(get.statusCode >= 400, 'GET')
      t.same(lines(), before, 'nothing was done for any of them')
    })

    t.test('accepts clocks that differ a little', async t => {
      for (const secondsAgo of [0, 290, -290]) t.equal(await statusOf(url, baton(known), anEvent(), { secondsAgo }), 200)
      for (const secondsAgo of [0, 50, -50]) t.equal(await statusOf(url, tencent('token'), anEvent(), { secondsAgo }), 200)
    })

    t.test('rejects for good what is no JSON object, or longer than any callback', async t => {
      for (const style of styles) {
        for (const text of ['no JSON', '[]', 'null', '"text"', '{}{}', '{"a":1', '{"a" 1}']) {
          t.match(await delivered(url + pathOf(style), style, anEventWith(text)), [{ kind: 'reject', code: 'http_400' }], `${style.style}: ${text}`)
        }
        const longest = 1_048_576
        const event = anEventWith(`{"GroupId":"long","Name":"${'号'.repeat(300_000)}"`)
        event.body = Buffer.concat([event.body, Buffer.alloc(longest - event.body.length - 1, ' '), Buffer.from('}')])
        t.match(await delivered(url + pathOf(style), style, event), [{ kind: 'delivered' }])
        event.body = Buffer.concat([event.body, Buffer.from(' ')])
        t.match(await delivered(url + pathOf(style), style, event), [{ kind: 'reject', code: 'http_413' }])
      }
      t.match(lines().at(-1), /号{300000}/)
    })

    t.test('does the work of a repeat once, also when they come at the same moment', async t => {
      const target = webhook.open({ url: `${url}/baton`, network: 'private', ...baton(known) }, context)
      t.teardown(async () => { await target.close() })
      const event = anEvent()
      const others = Array.from({ length: 30 }, () => anEvent())
      for (const one of [event, ...others, event]) { // often enough that two of them do meet
        const outcomes = await target.deliver(Array.from({ length: 12 }, () => one), { signal: AbortSignal.timeout(20_000), attempt: 1 })
        t.same(new Set(outcomes.map(({ kind }) => kind)), new Set(['delivered']))
      }
      t.same([event, ...others].filter(one => timesDone(one) !== 1), [])
      t.match(await delivered(`${url}/baton`, baton(known), { ...event, id: 'evt_other' }), [{ kind: 'delivered' }])
      t.equal(timesDone({ ...event, id: 'evt_other' }), 1, 'it is the id that tells a repeat')
    })

    t.test('accepts nothing while it has no secrets', async t => {
      const before = lines()
      const locked = await start({ WEBHOOK_SECRETS: '', TENCENT_TOKENS: '' })
      const event = anEvent()
      for (const style of styles) t.match(await delivered(locked + pathOf(style), style, event), [{ kind: 'retry', slow: true, code: 'http_401' }])
      const forgery = (sent: Sent) => `v1,${createHmac('sha256', '').update(`${event.id}.${sent.headers['webhook-timestamp']}.`).update(event.body).digest('base64')}`
      t.equal(await statusOf(locked, baton(known), event, {
        change: sent => ({ ...sent, headers: { ...sent.headers, 'webhook-signature': forgery(sent) } })
      }), 401, 'a signature that anybody can make')
      const now = String(Math.floor(Date.now() / 1_000))
      t.equal(await statusOf(locked, tencent('token'), event, path(/&Sign=.*/, `&Sign=${signatureOf('', now)}&RequestTime=${now}`)), 401, 'a Sign that anybody can make')
      t.same(lines(), before)
    })
  })
}

const page = readFileSync(new URL('docs/receivers.md', root), 'utf8')

t.test('every language has a receiver, a test and its place in the documents', async t => {
  t.same(readdirSync(source('')).toSorted(), languages.map(({ name }) => name).toSorted())
  for (const { name } of languages) t.match(page, `](../examples/receivers/${name}/`)
})

t.test('the documented meaning of each status is what the target makes of it', async t => {
  const rows = [...page.matchAll(/^\| ((?:\d{3}, )*\d{3}).*? \| (delivered|later|slowly|dead letter)\b/gm)]
  t.equal(rows.length, 4)
  const meanings = { delivered: { kind: 'delivered' }, later: { kind: 'retry', slow: undefined }, slowly: { kind: 'retry', slow: true }, 'dead letter': { kind: 'reject' } }
  for (const [, statuses = '', meaning] of rows) {
    for (const status of statuses.split(', ').map(Number)) t.match(outcomeOfStatus(status), Object.entries(meanings).find(([name]) => name === meaning)?.[1], `${status} is ${meaning}`)
  }
})
