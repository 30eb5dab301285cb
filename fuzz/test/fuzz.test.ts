import { execFile } from 'node:child_process'
import { rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { entryOf, examples, knownCommands, refusals } from '@baton/contracts'
import t from 'tap'
import { AnswerReader, type Answer } from '../src/answer-reader.ts'
import { compareCounts } from '../src/audit.ts'
import { Ledger } from '../src/books.ts'
import { verdictsOn } from '../src/error-table.ts'
import { LogAudit } from '../src/log-audit.ts'
import { makeCase } from '../src/make-case.ts'
import { misfits } from '../src/misfits.ts'
import { canary } from '../src/odd-tokens.ts'
import { report, tooFew } from '../src/report.ts'
import { runFuzz, type FuzzResult } from '../src/run-fuzz.ts'

// A slice of what `npm run fuzz` sends, against the real processes.
const slice = { seed: 20, from: 0, cases: 3_000, slow: false }

t.test('whatever is sent: a valid envelope with the right code, logged, counted, and kept exactly where it should be', async t => {
  const { complaints, endings, requests } = await runFuzz(slice)
  t.same(complaints, [])
  t.ok(requests >= 3_000)
  const met = Object.values(refusals).map(({ code }) => code).filter(code => endings.has(`refused ${code}`))
  t.same(met, Object.values(refusals).map(({ code }) => code).filter(code => code !== 50301), 'every refusal was met, but a journal that refuses')
})

t.test('an answer that should not be, and a delivery that never was, are seen, with the number of the case', async t => {
  const acknowledged = (changed: Partial<Answer>) => (answers: Answer[]) => answers.map(answer => ({ ...answer, ...changed }))
  const faults = new Map([
    ['a server error', acknowledged({ status: 500 })],
    ['another code', acknowledged({ body: '{"ActionStatus":"OK","ErrorInfo":"","ErrorCode":1}' })],
    ['a contradiction', acknowledged({ body: '{"ActionStatus":"FAIL","ErrorInfo":"","ErrorCode":0}' })],
    ['no envelope', acknowledged({ body: '{"ActionStatus":"OK"}' })],
    ['no JSON', acknowledged({ body: 'OK' })],
    ['not called JSON', acknowledged({ headers: new Map([['content-type', 'text/html']]) })],
    ['what was sent', acknowledged({ body: `{"ActionStatus":"OK","ErrorInfo":"${canary}","ErrorCode":0}` })],
    ['silence', () => []]
  ])
  const left = [...faults]
  const distorted = new Map<number, string>()
  const result = await runFuzz({
    ...slice,
    cases: 300,
    forget: 7,
    distort: (number, answers) => {
      if (answers.length !== 1 || answers[0]?.status !== 200 || answers[0].body === '') return answers
      const [name, fault] = left.pop() ?? []
      if (name !== undefined) distorted.set(number, name)
      return fault?.(answers) ?? answers
    }
  })
  t.equal(distorted.size, faults.size)
  for (const [number, name] of distorted) t.ok(result.complaints.some(({ from, to }) => from === number && to === number), name)
  const rest = result.complaints.filter(({ from, to }) => from !== to).map(({ what }) => what)
  t.ok(rest.some(what => what.startsWith('baton_callbacks_accepted_total')), 'the metrics count more than was seen to be acknowledged')
  t.ok(rest.some(what => /callbacks in the journal are of no request/.test(what)), 'and the journal has more')
  t.ok(rest.some(what => /^1 events were not delivered/.test(what)), 'what was forgotten is missed')
  const { text, passed } = report(result, { complete: false })
  t.equal(passed, false)
  for (const number of distorted.keys()) t.match(text, `npm run fuzz -- --seed 20 --case ${number}\n`)
  rmSync(result.folder ?? '', { recursive: true }) // kept, as of any run that fails
})

t.test('one case can be sent again, and is shown byte for byte', async t => {
  const main = fileURLToPath(new URL('../dist/src/main.js', import.meta.url).href.replace('/dist/dist/', '/dist/'))
  const number = Array.from({ length: 100 }, (_, number) => number).find(number => makeCase(20, number, 0).changes.join() === 'length') ?? NaN
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [main, '--seed', '20', '--case', String(number)])
  t.match(stderr, /^000000 {2}50 4f 53 54 20 .* POST /m)
  t.match(stderr, 'may be: acknowledged\nwas: 200 {"ActionStatus":"OK","ErrorInfo":"","ErrorCode":0}\n')
  t.match(stdout, /^1 requests in .* with seed 20;/m)
})

t.test('a case is the same again, whatever was sent before it', async t => {
  for (const number of [0, 1, 17, 999, 99_999]) t.same(makeCase(5, number, 1_700_000_000), makeCase(5, number, 1_700_000_000))
  t.notSame(makeCase(5, 1, 1_700_000_000), makeCase(6, 1, 1_700_000_000))
})

t.test('a refusal that was met too seldom fails a run', async t => {
  const endings = new Map(Object.values(refusals).map(({ code }) => [`refused ${code}`, code === 40003 ? 99 : code === 50301 ? 0 : 100]))
  const result: FuzzResult = { seed: 1, requests: 1, endings, complaints: [], seconds: 1, longest: 1, memory: { first: undefined, last: undefined }, folder: undefined }
  t.same(tooFew(endings), [40003])
  t.equal(report(result, { complete: true }).passed, false)
  t.equal(report(result, { complete: false }).passed, true)
})

t.test('a count outside its bounds is seen, and one that nobody expects', async t => {
  const expected = new Map([['baton_callbacks_refused_total{code="40001"}', { least: 2, most: 3 }]])
  const found = (count: number, rest: Array<[string, number]> = []) => new Map([['baton_callbacks_refused_total{code="40001"}', count], ...rest])
  t.match(compareCounts(expected, found(1)), [/is 1, and should be 2 to 3/])
  t.match(compareCounts(expected, found(4)), [/is 4, and should be 2 to 3/])
  t.match(compareCounts(expected, new Map()), [/is 0, and should be 2 to 3/])
  t.same(compareCounts(expected, found(2, [['nodejs_version_info', 1]])), [])
  t.match(compareCounts(expected, found(3, [['baton_callbacks_refused_total{code="50301"}', 1]])), [/50301.* is 1, and should be 0/])
})

t.test('a callback that is missing is seen, one that is there twice, and one of nobody', async t => {
  const kept = { app: 1, command: 'a', query: 'b', body: Buffer.from('{}') }
  const ledger = new Ledger()
  ledger.expect(kept, 17, true)
  ledger.expect({ ...kept, query: 'perhaps' }, 18, false)
  t.match(ledger.complaints('the journal'), ['1 callbacks are missing in the journal; cases 17'])
  ledger.find(kept)
  t.same(ledger.complaints('the journal'), [])
  ledger.find(kept)
  ledger.find({ ...kept, body: Buffer.from('{ }') })
  t.match(ledger.complaints('the journal'), [/^2 callbacks in the journal are of no request/])
})

t.test('a log that repeats what was sent, or tells of an error, is seen; its rejections are counted', async t => {
  const file = join(tmpdir(), `baton-fuzz-log-${process.pid}`)
  t.teardown(() => { rmSync(file) })
  const write = (line: object) => { writeFileSync(file, `${JSON.stringify(line)}\n`, { flag: 'a' }) }
  const log = new LogAudit(file)
  write({ level: 40, code: 40001, msg: 'callback refused' })
  write({ level: 50, alert: 'CALLBACKS_WRONGLY_SIGNED', msg: 'm' })
  t.same(log.read(), [])
  write({ level: 40, code: 40001, untold: 7, msg: 'callback refused' })
  t.same(log.read(), [])
  t.same([...log.told], [['baton_callbacks_refused_total{code="40001"}', 9]])
  write({ level: 30, info: `a ${canary}` })
  t.match(log.read(), [/repeats what was sent/])
  write({ level: 50, msg: 'a callback met an unexpected error' })
  t.match(log.read(), [/tells of an error/])
  writeFileSync(file, 'a stack trace\n', { flag: 'a' })
  t.match(log.read(), [/a line that is none/])
})

t.test('an answer is read strictly', async t => {
  const read = (text: string, bodyless = false) => new AnswerReader([bodyless]).read(Buffer.from(text))
  t.match(read('HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}'), [{ status: 200, body: '{}' }])
  t.match(read('HTTP/1.1 405 Method Not Allowed\r\nContent-Length: 2\r\n\r\n', true), [{ status: 405, body: '' }])
  t.same(read('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{'), [], 'not whole yet')
  for (const text of ['HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n', 'HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n', 'HTTP/1.1 200 OK\r\n\r\n', 'HTTP/1.1 200 OK\r\nA: b\r\nA: c\r\nContent-Length: 0\r\n\r\n', 'HTTP/1.1 200 OK\r\nA : b\r\n\r\n']) t.throws(() => read(text), { name: 'NoAnswer' }, text)
})

t.test('the model takes every example for what it is', async t => {
  for (const command of knownCommands) {
    t.same(misfits(entryOf(command)?.body, JSON.parse(JSON.stringify(examples[command]))), [], command)
    const request = { method: 'POST', target: `/?SdkAppid=1400000000&CallbackCommand=${command}`, body: Buffer.from(JSON.stringify(examples[command])), size: 1, now: 0 }
    t.match(verdictsOn(request), [{ ending: 'acknowledged', traces: { event: { command } } }], command)
  }
  t.throws(() => misfits({ type: 'string', format: 'email' }, 'a'), /does not know the keyword format/, 'and says what it does not understand')
})
