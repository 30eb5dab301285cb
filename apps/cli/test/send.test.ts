import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import type { ServerResponse } from 'node:http'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t, { type Test } from 'tap'
import { checkSignature, knownCommands, readCallbackQuery } from '@baton/contracts'
import { misbehaviours, readRecording, recordingLine } from '@baton/operations'
import { RecordedCallback, standInIngress } from '@baton/testing'
import { progressBar } from '../src/progress-bar.ts'

const bin = fileURLToPath(new URL('../bin/baton.js', import.meta.url))
const ok = '{"ActionStatus":"OK","ErrorInfo":"","ErrorCode":0}'

/** A receiver, what it got, and the verb that sends there; the relay file has two apps, of which the first signs with `abc`. */
async function sender (t: Test, answer?: (response: ServerResponse, nth: number) => void) {
  const { requests, port, url } = await standInIngress(t, answer)
  const folder = t.testdir({ 'baton.yaml': 'apps: [{ sdkAppId: 14, tokens: [abc] }, { sdkAppId: 15, tokens: [def] }]\ntargets: { memory: { type: memory } }\n' })
  const start = (...args: string[]) => spawn(process.execPath, [bin, 'send', ...args], { cwd: folder, env: { PATH: process.env['PATH'], PORT: String(port) }, stdio: ['ignore', 'pipe', 'pipe'] })
  const send = async (...args: string[]): Promise<{ code: number | null, stdout: string, stderr: string }> => {
    const child = start(...args)
    const output = { stdout: '', stderr: '' }
    child.stdout.on('data', (chunk: Buffer) => { output.stdout += String(chunk) })
    child.stderr.on('data', (chunk: Buffer) => { output.stderr += String(chunk) })
    const [code] = await once(child, 'close')
    return { code, ...output }
  }
  const file = (name: string, ...lines: string[]) => writeFileSync(join(folder, name), `${lines.join('\n')}\n`)
  return { requests, start, send, file, url, read: () => requests.splice(0).map(({ query, body }) => ({ ...readCallbackQuery(query), body })) }
}

t.test('every command, patterns, and several at once', async t => {
  const { send, read } = await sender(t)
  t.match(await send('--all'), { code: 0, stderr: '', stdout: /^86 sent, 86 acknowledged, 0 refused, 0 unanswered; [\d.]+ a second\nacknowledged after p50 [\d.]+ ms, p90 [\d.]+ ms, p99 [\d.]+ ms, at most [\d.]+ ms\n$/ })
  t.same(read().map(({ command }) => command), knownCommands)
  t.match(await send('Bot.*,State.StateChange', 'Alert.*'), { code: 0, stdout: /^4 sent/ })
  t.same(read().map(({ command }) => command), ['Bot.OnC2CMessage', 'Bot.OnGroupMessage', 'State.StateChange', 'Alert.RequestOverLimit'])
  t.match(await send('State.StateChange'), { code: 0, stderr: '', stdout: /^HTTP 200, ErrorCode 0 after [\d.]+ ms\n$/ }, 'one alone is told as it is')
  for (const [args, message] of [[[], /Name a command/], [['Novel.*'], /No known command is like/], [['State.StateChange', '--share', '1.1'], /0 to 1/], [['State.StateChange', '--misbehave', 'stale,rude'], /some of stale, wrong-sign/]] as const) {
    t.match(await send(...args), { code: 1, stderr: message })
  }
})

t.test('a wrong option is told alone, with where to look', async t => {
  const { send } = await sender(t)
  t.match(await send('--conut', '3'), { code: 1, stdout: '', stderr: /^error: unknown option '--conut'\n\(Did you mean --count\?\)\nSee baton send --help\.\n$/ })
  t.match(await send('State.StateChange', '--count', 'x'), { code: 1, stderr: /^error: option '--count <n>' argument 'x' is invalid\. It must be a whole number from 1 to 10000000\.\nSee baton send --help\.\n$/ })
  t.match(spawnSync(process.execPath, [bin, 'journal', 'rewind'], { encoding: 'utf8' }), { status: 1, stderr: /^error: required option '--since <time>' not specified\nSee baton journal rewind --help\.\n$/ })
})

t.test('as which app, and with which token: by the relay file, or by the options', async t => {
  const { send, read, url } = await sender(t)
  const sent = async (...args: string[]) => {
    await send('State.StateChange', ...args)
    const [{ sdkAppId, ...query } = { sdkAppId: '' }] = read()
    return [sdkAppId, ...['abc', 'def', 'ghi'].filter(token => checkSignature([token], query, Date.now()) === 'valid')]
  }
  t.same(await sent(), ['14', 'abc'])
  t.same(await sent('--app', '15'), ['15', 'def'])
  t.same(await sent('--app', '16', '--to', url), ['16'])
  t.same(await sent('--app', '16', '--token', 'ghi'), ['16', 'ghi'])
})

t.test('a recording is sent whole, each as its own app, or all as one; what does not fit is named by line', async t => {
  const { send, read, file } = await sender(t)
  const line = (app: number, command: string, body: string) => recordingLine({ query: `SdkAppid=${app}&CallbackCommand=${command}`, body: Buffer.from(body) })
  file('callbacks.jsonl', line(15, 'A.B', '{"id":144115212830834855}'), line(14, 'A.C', '{"n":1}'), line(20, 'D.E', '{"n":2}'))
  t.match(await send('--file', 'callbacks.jsonl'), { code: 0, stdout: /^3 sent/ })
  const [one, two, three] = read()
  t.match([one, two, three], [{ sdkAppId: '15', command: 'A.B', body: '{"id":144115212830834855}' }, { sdkAppId: '14', command: 'A.C' }, { sdkAppId: '20', command: 'D.E', Sign: undefined }])
  t.same([one, two].map((query, at) => query && checkSignature([at === 0 ? 'def' : 'abc'], query, Date.now())), ['valid', 'valid'])
  t.match(await send('A.*', '--file', 'callbacks.jsonl', '--app', '15'), { code: 0, stdout: /^2 sent/ })
  t.match(read(), [{ sdkAppId: '15', command: 'A.B' }, { sdkAppId: '15', command: 'A.C' }])

  file('mixed.jsonl', line(14, 'A.B', '{}'), '', '{"GroupId":"g"}', '{"query":"a=1"}')
  t.match(await send('--file', 'mixed.jsonl'), { code: 1, stderr: /mixed\.jsonl does not fit[^]*line 3: is a bare body[^]*line 4: must have either body or bodyBase64/ })
  file('bodies.jsonl', '{"a":1}', '{"broken":')
  t.match(await send('Any.Command', '--file', 'bodies.jsonl', '--count', '2'), { code: 0 })
  t.same(read().map(({ body }) => body), ['{"a":1}', '{"broken":'], 'bare bodies are sent whatever they are')
  file('empty.jsonl')
  t.match(await send('Any.Command', '--file', 'empty.jsonl'), { code: 1, stderr: /empty\.jsonl is empty/ })
  t.match(await send('Any.Command', '--file', 'none.jsonl'), { code: 1, stderr: /none\.jsonl cannot be read: there is no such file \(ENOENT\)/ })
  t.match(await send('Any.Command', '--file', '.'), { code: 1, stderr: /cannot be read: it is a folder \(EISDIR\)/ })
  file('cut.jsonl', line(14, 'A.B', '{}').slice(0, -5))
  t.match(await send('Any.Command', '--file', 'cut.jsonl'), { code: 1, stderr: /cut\.jsonl does not fit[^]*line 1: is no JSON: it is broken, or cut off/ }, 'a recording that is cut off is no bare body')
  t.equal(read().length, 0)
})

t.test('answers are told by kind, misbehaviour by what it was, and only what should not be is a failure', async t => {
  const { requests, send } = await sender(t, (response, nth) => {
    const verdict = checkSignature(['abc'], readCallbackQuery(requests[nth - 1]?.query ?? ''), Date.now())
    response.writeHead(verdict === 'valid' ? 200 : 401).end(verdict === 'valid' ? ok : `{"ErrorCode":40101,"ErrorInfo":"${verdict}\\u001b[31m"}`)
  })
  t.match(await send('--all', '--count', '60', '--misbehave', 'unsigned,cut', '--share', '0.5', '--seed', '1'), {
    code: 0,
    stderr: '',
    stdout: /^60 sent, \d+ acknowledged, \d+ refused, 0 unanswered, \d+ broken off; .*\nacknowledged after .*\non purpose: (?:\d+ unsigned|\d+ cut), (?:\d+ unsigned|\d+ cut)\nHTTP +ERRORCODE +COUNT +SAYS\n200 +0 +\d+ +-\n401 +40101 +\d+ +sign-missing\\u001b\[31m\n$/
  })
  t.match(await send('State.StateChange', '--misbehave', 'wrong-sign'), { code: 0, stdout: /^HTTP 401, ErrorCode 40101: sign-wrong/, stderr: '' })
  t.match(await send('--all', '--token', 'wrong'), { code: 1, stdout: /^86 sent, 0 acknowledged, 86 refused, 0 unanswered; [\d.]+ a second\n$/, stderr: /^HTTP 401, ErrorCode 40101: sign-wrong\\u001b\[31m after [\d.]+ ms\n$/ }, 'the first of a kind is told at once, and only that')
})

t.test('what did not end as it should is told by misbehaviour, and a refusal once', async t => {
  const all = await sender(t)
  t.match(await all.send('--all', '--count', '20', '--misbehave', 'stale', '--seed', '1'), { code: 1, stdout: /\non purpose: 20 stale\nstale: 20 acknowledged, should be refused; does the app have tokens, there\?\n$/ })
  t.match(await all.send('State.StateChange', '--misbehave', 'stale'), { code: 1, stdout: 'stale: 1 acknowledged, should be refused; does the app have tokens, there?\n', stderr: /^HTTP 200, ErrorCode 0 after [\d.]+ ms\n$/ })
  const { send } = await sender(t, response => { response.writeHead(400).end('{"ErrorCode":40004,"ErrorInfo":"no"}') })
  const { code, stdout, stderr } = await send('State.StateChange')
  t.equal(code, 1)
  t.match(stdout + stderr, /^HTTP 400, ErrorCode 40004: no after [\d.]+ ms\n$/, 'once')
  t.match(await send('--all', '--count', '10', '--misbehave', 'shuffle'), { code: 1, stdout: /\nshuffle: 10 refused, should be acknowledged\n/ })
  t.match(JSON.parse((await send('--all', '--count', '10', '--misbehave', 'drift', '--json')).stdout), { astray: [{ misbehaviour: 'drift', ended: 'refused', count: 10 }] })
})

t.test('for programs everything is JSON, and nothing else is written', async t => {
  const { send } = await sender(t, (response, nth) => { response.end(nth === 3 ? '{"ErrorCode":1,"ErrorInfo":"no"}' : ok) })
  const { code, stdout, stderr } = await send('C2C.CallbackAfter*', '--count', '30', '--connections', '3', '--rate', '1000', '--json')
  t.same([code, stderr], [1, ''])
  t.match(JSON.parse(stdout), {
    sent: 30,
    acknowledged: 29,
    refused: 1,
    unanswered: 0,
    cut: 0,
    unexpected: 1,
    rate: Number,
    latency: { p50: Number, p90: Number, p99: Number, max: Number },
    answers: [{ status: 200, errorCode: 0, errorInfo: '', count: 29 }, { status: 200, errorCode: 1, errorInfo: 'no', count: 1 }],
    silences: [],
    misbehaved: {},
    astray: [{ misbehaviour: null, ended: 'refused', count: 1 }]
  })
})

t.test('interrupted, it tells what it has sent', async t => {
  const { start, requests } = await sender(t, (response, nth) => {
    response.end(ok)
    if (nth === 20) child.kill('SIGINT')
  })
  const child = start('--all', '--count', '10000000')
  let stdout = ''
  child.stdout.on('data', (chunk: Buffer) => { stdout += String(chunk) })
  t.same(await once(child, 'close'), [0, null])
  t.match(stdout, new RegExp(`^${requests.length} sent, ${requests.length} acknowledged`))
})

t.test('progress is shown on a terminal, in one line that fits, and leaves nothing behind; elsewhere nothing is written', async t => {
  const emptied = '\r\u001B[2K'
  let [written, now] = ['', 0]
  const stream = (isTTY: boolean) => ({ isTTY, columns: 50, write: (text: string) => { written += text; return true } })
  const bar = progressBar(stream(true), 4, () => now)
  bar.step()
  t.equal(written, '', 'what is quick needs none')
  now = 150
  for (let nth = 0; nth < 2; nth++) bar.step()
  t.equal(written, `${emptied}[===============               ] 2 of 4, 13 a sec`, 'not at each step, and cut where the terminal ends')
  bar.clear()
  bar.clear()
  t.ok(written.endsWith(` a sec${emptied}`), 'once')
  now = 300
  bar.step()
  t.match(written.split(emptied).at(-1), /^\[=+\] 4 of 4/, 'it comes back')

  written = ''
  const none = progressBar(stream(false), 4, () => now)
  now = 500
  none.step()
  none.clear()
  t.equal(written, '')
})

t.test('the documentation tells of every misbehaviour and of every field of a recording, and of no others', async t => {
  const documentation = readFileSync(new URL('../../../docs/sending.md', import.meta.url), 'utf8')
  const [, misbehaviour = '', recordings = ''] = documentation.split(/^## (?:Misbehaviour|Recordings)$/m)
  const firstCells = (text: string) => [...text.matchAll(/^\| `([A-Za-z0-9-]+)`/gm)].map(([, cell]) => cell)
  t.same(firstCells(misbehaviour), Object.keys(misbehaviours))
  t.same(firstCells(recordings), Object.keys(RecordedCallback.properties))
  const [, example = ''] = /```json\n(.*)\n```/.exec(recordings) ?? []
  t.match(readRecording(example), { kind: 'callbacks', callbacks: [{ command: 'Group.CallbackAfterGroupFull' }] })
})
