import { execFile, execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import t, { type Test } from 'tap'
import { knownCommands, type Event } from '@baton/contracts'
import { RelayDocument, createLogger } from '@baton/runtime'
import { anEvent } from '@baton/testing'
import { readTargets, type ConfiguredTarget, type Target } from '../src/index.ts'
import { hostileEvents } from '../src/hostile-events.ts'
import { targetContract } from '../src/target-contract.ts'
import { tryModule } from '../src/module/try-module.ts'

process.execArgv.length = 0 // modules are tried as they would be without the test runner, which compiles TypeScript

const root = fileURLToPath(new URL('../../../', import.meta.url))
const example = join(root, 'examples/own-target')
const stripsTypes = 'typescript' in process.features && process.features.typescript !== false

/** A folder with files, and a relay file whose targets are modules: by name, what follows `type: module`. */
async function relayOf (t: Test, files: Parameters<Test['testdir']>[0], targets: Record<string, string>, variables: Record<string, string> = {}) {
  const folder = t.testdir(files)
  const text = `targets:\n${Object.entries(targets).map(([name, settings]) => `  ${name}: { type: module, ${settings} }\n`).join('')}`
  const document = new RelayDocument(join(folder, 'baton.yaml'), text, name => variables[name])
  const configured = await readTargets(document)
  return { folder, configured, problems: document.problems.map(problem => problem.replaceAll(`${folder}/`, '')) }
}

/** Source of a module: a definition that fits, but for what is given. */
const moduleWith = ({ before = '', settings = '{}', required = '[]', rest = '', more = '', deliver = 'async events => events.map(() => ({ kind: \'delivered\' }))' }: Partial<Record<'before' | 'settings' | 'required' | 'rest' | 'more' | 'deliver', string>> = {}) =>
  `${before}
export const target = {
  type: 'own', settings: { type: 'object', properties: ${settings}, required: ${required} },
  open: (settings, context) => ({ ${more} deliver: ${deliver}, close: async () => {} }),
  ${rest}
}
`

const lines: string[] = []
const log = createLogger('test', 'trace', { write: line => { lines.push(line) } })

/** The target of a module, as a worker opens it. */
async function opened (t: Test, source: string): Promise<Target> {
  return await (await configuredOf(t, source)).open({ log, embeddedPostgresPort: 0 })
}

/** Each in a folder of its own: Node loads a file once. */
async function configuredOf (t: Test, source: string): Promise<ConfiguredTarget> {
  const place = `own-${++modules}`
  const { configured: [own], problems } = await relayOf(t, { [place]: { 'own.mjs': source } }, { own: `module: ./${place}/own.mjs, timeout: 500ms` })
  t.same(problems, [])
  if (own === undefined) throw new Error('there is no target')
  return own
}
let modules = 0

const patient = (attempt = 1) => ({ signal: AbortSignal.timeout(10_000), attempt })

t.test('every way in which a module cannot be used is told with its file, its line of the relay file, and what to do', async t => {
  const { problems } = await relayOf(t, {
    'syntax.mjs': 'import \'./inner.mjs\'\n',
    'inner.mjs': '\n\nconst hush = ;\n',
    'commonjs.cjs': '\nlet = 3 +;\n',
    'throws.mjs': '\nthrow new TypeError(\'no way\')\n',
    'missing-import.mjs': 'import \'no-such-package\'\n',
    'missing-name.mjs': 'import { nothing } from \'node:fs\'\nexport const target = nothing\n',
    'exits.mjs': 'process.exit(0)\n',
    'awaits.mjs': 'await new Promise(() => {})\n',
    'no-export.mjs': 'export const tarjet = {}\n',
    'shape.mjs': 'export default { type: \'Own Type\', settings: { type: \'object\' }, open: 3, problemOf: 4, together: 0 }\n',
    'number.mjs': 'export default 3\n',
    'schema.mjs': moduleWith({ settings: '{ a: { tpye: \'string\' } }' }),
    'data.json': '{}',
    folder: {}
  }, {
    syntax: 'module: ./syntax.mjs',
    commonjs: 'module: ./commonjs.cjs',
    throws: 'module: ./throws.mjs',
    'missing-import': 'module: ./missing-import.mjs',
    'missing-name': 'module: ./missing-name.mjs',
    exits: 'module: ./exits.mjs',
    awaits: 'module: ./awaits.mjs',
    'no-export': 'module: ./no-export.mjs',
    shape: 'module: ./shape.mjs',
    number: 'module: ./number.mjs',
    schema: 'module: ./schema.mjs',
    data: 'module: ./data.json',
    folder: 'module: ./folder',
    missing: 'module: ./missing.mjs',
    bare: 'module: missing.mjs',
    unnamed: 'settings: {}'
  })
  t.match(problems, [
    /^baton\.yaml:2:27 targets\.syntax\.module: syntax\.mjs cannot be loaded: SyntaxError: .* at inner\.mjs:3; mend it$/,
    /^baton\.yaml:3:29 targets\.commonjs\.module: commonjs\.cjs cannot be loaded: SyntaxError: .* at commonjs\.cjs:2; mend it$/,
    /^baton\.yaml:4:27 targets\.throws\.module: throws\.mjs failed while it was loaded, with TypeError \(throws\.mjs:2:7\): no way; mend it$/,
    /^baton\.yaml:5:35 targets\.missing-import\.module: missing-import\.mjs imports what cannot be found: .*no-such-package.*; install it where the module lies, or do without/,
    /^baton\.yaml:6:33 targets\.missing-name\.module: missing-name\.mjs cannot be loaded: SyntaxError: .* at missing-name\.mjs:1; mend it$/,
    /^baton\.yaml:7:26 targets\.exits\.module: exits\.mjs ended its process while it was loaded \(exit code 0\); take out what ends it/,
    /^baton\.yaml:8:27 targets\.awaits\.module: awaits\.mjs was not loaded to its end: it awaits what does not come/,
    /^baton\.yaml:9:30 targets\.no-export\.module: no-export\.mjs exports no target; write `export const target = /,
    /^baton\.yaml:10:26 targets\.shape\.module: shape\.mjs exports a target that does not fit: type must be .*, settings must be .*, together must be .*, open must be a function, problemOf must be a function/,
    /^baton\.yaml:11:27 targets\.number\.module: number\.mjs exports a target that does not fit: it must be an object/,
    /^baton\.yaml:12:27 targets\.schema\.module: schema\.mjs exports settings that are no JSON Schema of draft-07: .*tpye/,
    /^baton\.yaml:13:25 targets\.data\.module: data\.json is no module; its name must end in \.js/,
    /^baton\.yaml:14:27 targets\.folder\.module: .* is no file; name the file in it/,
    /^baton\.yaml:15:28 targets\.missing\.module: there is no file missing\.mjs; mend the path/,
    /^baton\.yaml:16:25 targets\.bare\.module: does not fit\. .*begins with \.\/, \.\.\/ or \//,
    /^baton\.yaml:17:3 targets\.unnamed\.module: is missing/
  ])
  t.equal(problems.length, 16)
  t.notMatch(problems.join('\n'), 'hush', 'no source is quoted')
})

t.test('a module that computes without end is given up, and so is one that keeps its process open', async t => {
  const folder = t.testdir({ 'spins.mjs': 'for (;;);\n', 'holds.mjs': moduleWith({ before: 'setInterval(() => {}, 1_000); console.log("hello")' }) })
  const spins = await tryModule({ file: join(folder, 'spins.mjs'), settings: {} }, { deadline: 1_500 })
  t.match(spins, { problems: [{ at: ['module'], problem: /was not loaded to its end: it awaits what does not come, or computes without end/ }] })
  writeFileSync(join(folder, 'try.mjs'), `import { tryModule } from ${JSON.stringify(new URL('module/try-module.js', import.meta.resolve('@baton/targets')).href)}
console.log(JSON.stringify(await tryModule(${JSON.stringify({ file: join(folder, 'holds.mjs'), settings: {} })})))`)
  const { stdout } = await promisify(execFile)(process.execPath, [join(folder, 'try.mjs')])
  t.same(JSON.parse(stdout), { problems: [], found: { type: 'own', together: 1, needsEmbeddedPostgres: false, description: {} } }, 'what it prints is nobody\'s answer, and nothing is kept waiting')
})

t.test('TypeScript is taken where Node strips types; elsewhere the message says what to do', async t => {
  const source = moduleWith({ before: 'const typed: number = 1\n' })
  const { problems } = await relayOf(t, { 'own.ts': source, 'fancy.ts': 'enum Kind { One }\nexport const target = Kind\n' }, { own: 'module: ./own.ts', fancy: 'module: ./fancy.ts' })
  if (stripsTypes) t.match(problems, [/^baton\.yaml:3:26 targets\.fancy\.module: fancy\.ts cannot be loaded: SyntaxError.*enum/])
  else t.match(problems, [/^baton\.yaml:2:24 targets\.own\.module: own\.ts is TypeScript, which this Node v\S+ does not run; use Node 22\.18, 24 or later, or compile it with tsc/, /targets\.fancy\.module: fancy\.ts is TypeScript/])
})

t.test('a target may be exported as target or by default, from an ES module or CommonJS, also compiled', async t => {
  const definition = '{ type: \'own\', settings: { type: \'object\', properties: {} }, open: () => ({ deliver: async events => events.map(() => ({ kind: \'delivered\' })), close: async () => {} }) }'
  const { problems, configured } = await relayOf(t, {
    'a.mjs': `export default ${definition}\n`,
    'b.cjs': `module.exports = ${definition}\n`,
    'c.cjs': `module.exports.target = ${definition}\n`,
    'd.cjs': `Object.defineProperty(exports, '__esModule', { value: true }); exports.default = ${definition}\n`,
    'e.mjs': `class Own { type = 'own'; settings = { type: 'object', properties: {} }; open () { return new Opened() } }
class Opened { #kind = 'delivered'; async deliver (events) { return events.map(() => ({ kind: this.#kind })) } async close () {} }
export const target = new Own()\n`
  }, { a: 'module: ./a.mjs', b: 'module: ./b.cjs', c: 'module: ./c.cjs', d: 'module: ./d.cjs', e: 'module: ./e.mjs' })
  t.same(problems, [])
  t.same(configured.map(({ type }) => type), Array(5).fill('module own'))
  for (const { name, open } of configured) {
    const target = await open({ log, embeddedPostgresPort: 0 })
    t.same(await target.deliver([anEvent()], patient()), [{ kind: 'delivered' }], name)
    await target.close()
  }
})

t.test('settings are checked by the module\'s schema, with their lines, and no value is told', async t => {
  const source = moduleWith({
    settings: `{
      url: { type: 'string', format: 'uri', description: 'Where to.' }, token: { type: 'string', pattern: '^t_', description: 'A token.' },
      size: { type: 'integer', default: 3, maximum: 9 }, list: { type: 'array', items: { type: 'object', properties: { a: { type: 'string' } }, required: ['a'] } }
    }`,
    required: '[\'url\']',
    rest: 'problemOf: ({ url, size }) => { if (size === 5) throw new Error(url); if (size === 6) return url; return size === 4 ? [\'size\', \'must not be four\'] : undefined }'
  })
  const { problems, configured } = await relayOf(t, { 'own.mjs': source }, {
    good: 'module: ./own.mjs, settings: { url: "https://a.example", token: "${TOKEN}" }',
    none: 'module: ./own.mjs',
    misfits: 'module: ./own.mjs, settings: { url: hush, token: hush, size: "hush", list: [{ a: b }, {}], sise: hush }',
    four: 'module: ./own.mjs, settings: { url: "https://a.example", size: 4 }',
    fails: 'module: ./own.mjs, settings: { url: "https://hush.example", size: 5 }',
    oddly: 'module: ./own.mjs, settings: { url: "https://hush.example", size: 6 }',
    unset: 'module: ./own.mjs, settings: { url: "${UNSET}" }'
  }, { TOKEN: 't_hush' })
  t.match(problems, [
    /^baton\.yaml:3:3 targets\.none\.settings\.url: is missing\. Where to\./,
    /^baton\.yaml:4:59 targets\.misfits\.settings\.url: must match format "uri"\. Where to\./,
    /^baton\.yaml:4:70 targets\.misfits\.settings\.token: does not fit\. A token\./,
    /^baton\.yaml:4:83 targets\.misfits\.settings\.size: must be integer/,
    /targets\.misfits\.settings\.list\[1\]\.a: is missing/,
    /targets\.misfits\.settings\.sise: unknown key/,
    /targets\.four\.settings\.size: must not be four/,
    /targets\.fails\.settings: the module failed to read them, with Error \(own\.mjs:\d+:\d+\); mend them, or the module/,
    /targets\.oddly\.module: own\.mjs answers something else to problemOf than undefined or \[setting, sentence\]/,
    /the variable \$\{UNSET\} is not set/
  ])
  t.equal(problems.length, 10)
  t.notMatch(problems.join('\n'), 'hush')
  t.equal(configured.some(({ name }) => name === 'good'), true)
})

t.test('a module gets its settings with defaults and variables, decoded where their schema is TypeBox\'s, and a context of its own', async t => {
  const source = `import { Type, defineTarget } from '@baton/targets'
export const target = defineTarget({
  type: 'own',
  settings: Type.Object({ size: Type.Integer({ default: 3 }), seconds: Type.Transform(Type.String({ pattern: '^[0-9]+s$' })).Decode(text => parseInt(text)).Encode(seconds => seconds + 's') }),
  needsEmbeddedPostgres: ({ seconds }) => seconds === 7,
  together: 50,
  describe: ({ seconds }) => ({ to: 'every ' + seconds + ' s', signed: true }),
  open: (settings, { name, log, concurrency, timeout }) => ({
    deliver: async (events, { attempt }) => events.map(() => ({ kind: 'retry', code: 'told', reason: JSON.stringify({ settings, name, concurrency, timeout, attempt }) })),
    close: async () => { log.info('closed by its owner') }
  })
})
`
  const folder = t.testdir({ 'own.mjs': source, node_modules: {} })
  symlinkSync(join(root, 'node_modules/@baton'), join(folder, 'node_modules/@baton'))
  const document = new RelayDocument(join(folder, 'baton.yaml'), 'targets: { own: { type: module, module: ./own.mjs, settings: { seconds: "${SECONDS}s" }, timeout: 2s, concurrency: 4 } }', () => '7')
  const [own] = await readTargets(document)
  t.same(document.problems, [])
  t.match(own, { type: 'module own', together: 50, needsEmbeddedPostgres: true, description: { to: 'every 7 s', signed: true } })
  const target = await own?.open({ log, embeddedPostgresPort: 0 })
  const [outcome] = await target?.deliver([anEvent()], patient(3)) ?? []
  t.same(outcome?.kind === 'retry' && JSON.parse(outcome.reason), { settings: { size: 3, seconds: 7 }, name: 'own', concurrency: 4, timeout: 2_000, attempt: 3 })
  await target?.close()
  t.match(JSON.parse(lines.at(-1) ?? ''), { target: 'own', msg: 'closed by its owner' })
})

t.test('the relay file may say what the codes of a module mean, its own ones too', async t => {
  const { configured: [own], problems } = await relayOf(t, { 'own.mjs': moduleWith() }, { own: 'module: ./own.mjs, outcomes: { crm_full: wrong, "crm_*": delivered, module_threw: reject }' })
  t.same(problems, [])
  t.match(['crm_full', 'crm_known', 'module_threw', 'other'].map(code => own?.meant({ kind: 'retry', code, reason: 'no' })), [{ kind: 'retry', slow: true }, { kind: 'delivered' }, { kind: 'reject' }, { kind: 'retry', slow: undefined }])
})

t.test('what cannot be opened stops the start, and says which module it was', async t => {
  const opening = async (open: string) => await configuredOf(t, `export const target = { type: 'own', settings: { type: 'object', properties: {} }, open: ${open} }\n`)
  for (const [open, says] of [
    ['() => { throw new Error(\'hush\') }', /^The target own cannot be opened: .*own\.mjs failed in open with Error \(own\.mjs:1:\d+\); mend it/],
    ['async () => ({ deliver () {}, close () {} })', /answers no target to open: it must be an object, and no promise of one, with the functions deliver and close/],
    ['() => ({ deliver () {} })', /answers no target to open/]
  ] as const) {
    const own = await opening(open)
    await t.rejects(Promise.resolve(own.open({ log, embeddedPostgresPort: 0 })), { code: 'RELAY_FILE_INVALID', message: says })
  }
  const gone = await opening('() => {}')
  rmSync(t.testdirName, { recursive: true })
  await t.rejects(Promise.resolve(gone.open({ log, embeddedPostgresPort: 0 })), { code: 'RELAY_FILE_INVALID', message: /^The target own cannot be opened: .*own\.mjs/ })
})

t.test('whatever deliver answers, the worker gets one outcome for each event', async t => {
  const events = [anEvent(), anEvent(), anEvent()]
  const good = '{ kind: \'delivered\' }'
  const all = (outcome: object) => events.map(() => outcome)
  const answered = { kind: 'retry', code: 'module_answer' }
  const cases = [
    [`[${good}, ${good}, ${good}]`, all({ kind: 'delivered' })],
    [`[${good}, ${good}]`, all({ ...answered, reason: /own\.mjs answered 2 outcomes for 3 events; it must answer one for each/ })],
    [`[${good}, ${good}, ${good}, ${good}]`, all({ ...answered, reason: /answered 4 outcomes for 3 events/ })],
    ['undefined', all({ ...answered, reason: /answered no list of outcomes/ })],
    [`{ length: 3, 0: ${good}, 1: ${good}, 2: ${good} }`, all({ ...answered, reason: /answered no list/ })],
    ['Array(3)', all({ ...answered, reason: /answered what is no outcome/ })],
    [`[${good}, 'delivered', { kind: 'done' }]`, [{ kind: 'delivered' }, answered, answered]],
    ['[{ kind: \'reject\' }, { kind: \'retry\', code: \'HTTP 500\', reason: \'x\' }, { kind: \'retry\', code: \'crm_full\', reason: \'full\', slow: \'yes\' }]', all(answered)],
    [`[{ kind: 'reject', code: 'crm_no', reason: '${'x'.repeat(900)}', answer: '${'y'.repeat(900)}' }, { kind: 'retry', code: 'crm_full', reason: 'full', slow: true, further: 1 }, { kind: 'retry', code: 'crm_rest', reason: 'later', holdFor: 1e12 }]`,
      [{ kind: 'reject', code: 'crm_no', reason: 'x'.repeat(500), answer: 'y'.repeat(500) }, { kind: 'retry', code: 'crm_full', reason: 'full', slow: true }, { kind: 'retry', code: 'crm_rest', reason: 'later', holdFor: 3_600_000 }]],
    ['(() => { throw new Error(\'hush\') })()', all({ kind: 'retry', code: 'module_threw', reason: /^deliver of own\.mjs threw Error \(own\.mjs:1:\d+\); mend the module/ })],
    ['await Promise.reject(undefined)', all({ kind: 'retry', code: 'module_threw', reason: /threw a undefined that is no Error/ })],
    ['[{ get kind () { throw new TypeError(\'hush\') } }, 1, 1]', all({ kind: 'retry', code: 'module_threw', reason: /threw TypeError/ })],
    ['JSON.parse(\'hush\' + events[0].body)', all({ kind: 'retry', code: 'module_threw', reason: /^deliver of own\.mjs threw SyntaxError \(own\.mjs:1:\d+\)/ })]
  ] as const
  const target = await opened(t, moduleWith({ before: `const answers = [${cases.map(([answer]) => `async events => (${answer})`).join(', ')}]`, deliver: 'async (events, { attempt }) => await answers[attempt - 1](events)' }))
  for (const [at, [answer, outcomes]] of cases.entries()) {
    const got = await target.deliver(events, patient(at + 1))
    t.match(got, outcomes, answer)
    t.equal(got.length, 3)
    t.notMatch(JSON.stringify(got), 'hush')
  }
  const plain = await opened(t, moduleWith({ deliver: 'events => events.map(() => ({ kind: \'delivered\' }))' }))
  t.same(await plain.deliver(events, patient()), all({ kind: 'delivered' }), 'a function that is not async will do')
})

t.test('a module that can be asked is asked, and what it says is an outcome', async t => {
  t.equal('test' in await opened(t, moduleWith()), false, 'others are not')
  const cases = [
    ['async ({ id }) => ({ kind: \'retry\', code: \'told\', reason: id, slow: true })', { kind: 'retry', code: 'told', reason: 'test_1', slow: true }],
    ['() => ({ kind: \'delivered\', more: 1 })', { kind: 'delivered' }],
    ['() => true', { kind: 'retry', code: 'module_answer', reason: /^test of own\.mjs answered what is no outcome/ }],
    ['() => { throw new Error(\'hush\') }', { kind: 'retry', code: 'module_threw', reason: /^test of own\.mjs threw Error \(own\.mjs:1:\d+\)/ }],
    ['() => new Promise(() => {})', { kind: 'retry', code: 'timeout' }]
  ] as const
  const target = await opened(t, moduleWith({ before: `const answers = [${cases.map(([answer]) => answer).join(', ')}]`, more: 'test: async asked => await answers[asked.appId](asked),' }))
  for (const [appId, [answer, outcome]] of cases.entries()) {
    t.match(await target.test?.({ signal: AbortSignal.timeout(10_000), appId, id: 'test_1' }), outcome, answer)
  }
})

t.test('an error after the time was up counts as that, and what the message of an error holds is never told', async t => {
  const target = await opened(t, moduleWith({ deliver: 'async (events, { signal }) => { signal.throwIfAborted() }' }))
  await t.rejects(target.deliver([anEvent()], { signal: AbortSignal.abort(), attempt: 1 }), { name: 'AbortError' })
  const forger = await opened(t, moduleWith({ deliver: 'async () => { throw Object.assign(new Error(\'x\\n    at hush (/hush.js:1:2)\'), { name: \'hush hush\', code: \'hush\' }) }' }))
  t.match(await forger.deliver([anEvent()], patient()), [{ code: 'module_threw', reason: /threw Error \(own\.mjs:4:\d+\)/ }])
})

t.test('what a module does to its events stays with it, and it gets what is promised and no more', async t => {
  const target = await opened(t, moduleWith({
    deliver: `async events => {
      const told = events.map(event => Object.keys(event).sort().join(' '))
      for (const event of events) { event.body.fill(0); event.id = 'evt_other'; if (event.decision) event.decision.by = 'me' }
      events.reverse().length = 0
      return told.map(reason => ({ kind: 'reject', code: 'told', reason }))
    }`
  }))
  const events: Event[] = [anEvent(), anEvent({ decision: { verdict: 'allow', by: 'endpoint', took: 3 } })]
  const before = structuredClone(events)
  const promised = 'appId body command eventTime id orderingKey query receivedAt'
  t.match(await target.deliver(events, patient()), [{ reason: promised }, { reason: promised.replace('eventTime', 'decision eventTime') }])
  t.same(events.map(event => ({ ...event, body: new Uint8Array(event.body) })), before)
})

// The examples of docs/adding-a-target.md are held to what it tells of them.
t.test('docs/adding-a-target.md: the module that it begins with works, and it names each code and each of the suite\'s numbers', async t => {
  const page = readFileSync(join(root, 'docs/adding-a-target.md'), 'utf8')
  const [, source = ''] = /```js\n([^]*?)```/.exec(page) ?? []
  const target = await opened(t, source)
  const event = anEvent()
  t.same(await target.deliver([event], patient()), [{ kind: 'delivered' }])
  t.match(JSON.parse(lines.at(-1) ?? ''), { event: event.id, command: event.command })
  for (const code of ['module_threw', 'module_answer']) t.ok(page.includes(`\`${code}\``), code)
  t.match(page, `the example of each of the ${knownCommands.length} commands, and ${hostileEvents('').length - knownCommands.length} events that are worse`)
})

t.test('examples/own-target: its own test passes, with node:test', async t => {
  const { stdout } = await promisify(execFile)(process.execPath, ['--test', '--test-reporter=tap', join(example, 'append-to-file.test.js')], { env: { PATH: process.env['PATH'] } })
  t.match(stdout, /^# pass 14$/m)
  t.match(stdout, /^# fail 0$/m)
})

t.test('examples/own-target: its relay file brings events to the file', async t => {
  const folder = t.testdir({})
  const file = join(folder, 'events.jsonl')
  const document = RelayDocument.read(join(example, 'baton.yaml'), () => file)
  const [lines] = await readTargets(document)
  t.same(document.problems, [])
  t.match(lines, { type: 'module append-to-file', description: { to: file } })
  const target = await lines?.open({ log, embeddedPostgresPort: 0 })
  const event = anEvent()
  t.same(await target?.deliver([event], patient()), [{ kind: 'delivered' }])
  t.match(readFileSync(file, 'utf8'), `{"id":"${event.id}","appId":1400000000,"command":"${event.command}",`)
})

/** The example in TypeScript, checked, and as it stands or compiled. */
const typescriptExample = (() => {
  const folder = join(root, 'packages/targets/dist/own-target') // below node_modules, where it finds @baton/targets
  mkdirSync(folder, { recursive: true })
  execFileSync(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', join(example, 'typescript'), '--outDir', folder])
  return stripsTypes ? join(example, 'typescript/append-to-file.ts') : join(folder, 'append-to-file.js')
})()

t.test('examples/own-target: the one in TypeScript takes the same settings', async t => {
  const folder = t.testdir({})
  const text = readFileSync(join(example, 'baton.yaml'), 'utf8').replace(/module: \.\/.*/, `module: ${typescriptExample}`)
  const document = new RelayDocument(join(dirname(typescriptExample), 'baton.yaml'), text, () => join(folder, 'events.jsonl'))
  t.match(await readTargets(document), [{ type: 'module append-to-file' }])
  t.same(document.problems, [], basename(typescriptExample))
})

const { target: appendToFile } = await import(pathToFileURL(typescriptExample).href)
targetContract(t, 'append-to-file in TypeScript', async (t: Test) => {
  const file = join(t.testdir({}), 'events.jsonl')
  writeFileSync(file, '')
  return {
    open: context => appendToFile.open({ file, longestLine: 2_000_000 }, context),
    together: appendToFile.together,
    arrived: async () => new Set(existsSync(file) ? readFileSync(file, 'utf8').split('\n').filter(line => line !== '').map(line => String(JSON.parse(line).id)) : []),
    poisoned: () => anEvent({ body: { Long: 'x'.repeat(2_000_000) } })
  }
})
