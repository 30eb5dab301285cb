import { writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { once } from 'node:events'
import { join } from 'node:path'
import t from 'tap'
import { Type } from '@sinclair/typebox'
import ipaddr from 'ipaddr.js'
import { AddressList, BatonError, Duration, RelayDocument, defaultRelay, millisecondsOf, openRelayFile, readApps, reachableHost, readSettings, serveHealth } from '../src/index.ts'

const document = (text: string, variables: Record<string, string> = {}) => new RelayDocument('baton.yaml', text, name => variables[name])

t.test('settings have defaults, and an empty variable counts as unset', async t => {
  t.match(readSettings({}), { HOST: '127.0.0.1', PORT: 7080, WORKER_PORT: 7082, EMBEDDED_PG_PORT: 7083, INGRESS_PATH: '/', LOG_LEVEL: 'info', BATON_DATA_DIR: './data' })
  t.match(readSettings({ PORT: '', BATON_CONFIG: '' }), { PORT: 7080, BATON_CONFIG: undefined })
  t.match(readSettings({ PORT: '0', LOG_LEVEL: 'debug', REDIS_URL: 'rediss://x' }), { PORT: 0, LOG_LEVEL: 'debug', REDIS_URL: 'rediss://x' })
})

t.test('every unfit variable is named at once, secrets without their value', async t => {
  t.throws(() => readSettings({ PORT: '70000', WORKER_PORT: 'x', REDIS_URL: 'http://me:secret@x', LOG_LEVEL: 'loud', INGRESS_PATH: 'x' }), {
    code: 'SETTINGS_INVALID',
    problems: [/^REDIS_URL does not fit(?!.*secret)/, /^PORT = 70000 /, /^INGRESS_PATH/, /^WORKER_PORT = "x"/, /^LOG_LEVEL = "loud".*debug/]
  })
})

t.test('a path that cannot be a route of the ingress, and a Redis URL that is none, are found at the start', async t => {
  for (const path of ['/*', '/:id', '/a//b', '//', '/livez', '/readyz', '/metrics', '/a b', '/%2e', 'x']) {
    t.throws(() => readSettings({ INGRESS_PATH: path }), { code: 'SETTINGS_INVALID', problems: [/^INGRESS_PATH does not fit: /] }, path)
  }
  for (const path of ['/', '/livez2', '/metrics/x', '/3f_-~.A/callback/']) t.match(readSettings({ INGRESS_PATH: path }), { INGRESS_PATH: path })
  t.throws(() => readSettings({ REDIS_URL: 'redis://:hush@[' }), { code: 'SETTINGS_INVALID', problems: [/^REDIS_URL does not fit(?!.*hush)/] })
  t.throws(() => readSettings({ REDIS_URL: 'http://[', PORT: 'x' }), { code: 'SETTINGS_INVALID', problems: [/REDIS_URL|PORT/, /REDIS_URL|PORT/] })
})

t.test('the delay of a stop is a duration of at most five minutes', async t => {
  t.match(readSettings({}), { STOP_DELAY: '0s', JOB_LOCK: '30s' })
  for (const lock of ['2s', '45s', '300s', '5m']) t.ok(millisecondsOf(readSettings({ JOB_LOCK: lock }).JOB_LOCK) >= 2_000, lock)
  for (const lock of ['1s', '301s', '6m', '500ms', '0s']) t.throws(() => readSettings({ JOB_LOCK: lock }), { code: 'SETTINGS_INVALID', problems: [/^JOB_LOCK = .*2s to 5m/] }, lock)
  for (const delay of ['0s', '0ms', '500ms', '5s', '300s', '299999ms', '300000ms', '1m', '5m']) {
    t.ok(millisecondsOf(readSettings({ STOP_DELAY: delay }).STOP_DELAY) <= 300_000, delay)
  }
  for (const delay of ['5', '6m', '10m', '301s', '300001ms', '1h', '-1s', '1.5s', ' 5s', '5 s', 's']) {
    t.throws(() => readSettings({ STOP_DELAY: delay }), { code: 'SETTINGS_INVALID', problems: [/^STOP_DELAY = .*at most 5m/] }, delay)
  }
})

t.test('a host in a URL', async t => {
  for (const [host, spelled] of [['127.0.0.1', '127.0.0.1'], ['0.0.0.0', '127.0.0.1'], ['::', '[::1]'], ['[::]', '[::1]'], ['::1', '[::1]'], ['[2001:db8::1]', '[2001:db8::1]'], ['db.example', 'db.example']] as const) {
    t.equal(reachableHost(host), spelled)
  }
})

t.test('the default relay fits', async t => {
  const relay = document(defaultRelay)
  t.same(readApps(relay), [{ sdkAppId: 1400000000, freshness: 300_000 }])
  t.same(relay.keys(['targets']), ['local'])
  t.same(relay.problems, [])
})

t.test('problems are collected with line and column', async t => {
  const relay = document('apps:\n  - sdkAppId: one\n    token: x\n  - sdkAppId: 1\n  - sdkAppId: 1\ntarget: {}\n')
  readApps(relay)
  t.same(relay.problems.map(problem => problem.split(' ')[0]), ['baton.yaml:2:5', 'baton.yaml:3:5', 'baton.yaml:5:5', 'baton.yaml:6:1'])
  t.match(relay.problems.join('\n'), /apps\[0\]\.sdkAppId: must be a whole number[^]*apps\[0\]\.token: unknown key[^]*unknown key target; did you mean targets\?/)
  t.throws(() => { relay.assertValid() }, { code: 'RELAY_FILE_INVALID', problems: [String, String, String, String] })
})

t.test('what fields tell only together is told beside what is wrong with others', async t => {
  const relay = document([
    'apps:',
    '  - sdkAppId: 1',
    '    colour: red',
    '    allow: [10.0.0.7/8]',
    '    decisions:',
    '      - { commands: ["*"], url: "http://a:b@x/", deadline: 5s, fallback: no, secrets: ["${UNSET}"] }',
    '      - { commands: ["Group.CallbackAfterCreateGroup"], deadline: 5s, style: tencent, secrets: [] }',
    `      - { commands: [Group.*], deadline: 1, url: "http://x/", style: tencent, secrets: [whsec_${'A'.repeat(32)}] }`,
    '  - { sdkAppId: 1, tokens: 7 }',
    '  - sdkAppId: 2',
    '    decisions:',
    '      - { commands: [C2C.*], url: "http://169.254.0.23/" }',
    '      - { commands: [Group.*], url: "http://10.0.0.1/", network: public }',
    '      - { commands: [Sns.*], url: "http://169.254.0.23/", network: any }',
    '      - { commands: [Live.*], url: "http://169.254.0.23/", network: home }', ''
  ].join('\n'))
  t.equal(readApps(relay), undefined)
  t.match(relay.problems.map(problem => problem.replace('baton.yaml:', '')), [
    /^3:\d+ .*unknown key/, /^4:\d+ .*write 10\.0\.0\.0\/8/,
    /^6:\d+ .*user or password/, /^6:\d+ .*deadline: must lie/, /^6:\d+ .*fallback/, /^6:\d+ .*UNSET/,
    /^7:\d+ .*url: is missing/, /^7:\d+ .*did you mean Group\.CallbackBeforeCreateGroup/, /^7:\d+ .*deadline/, /^7:\d+ .*secrets: name at least one/,
    /^8:\d+ .*never be asked/, /^8:\d+ .*deadline: must be text/, /^8:\d+ .*secrets: belongs to style baton/,
    /^9:\d+ .*stands here twice/, /^9:\d+ .*tokens: must be a list/,
    /^12:\d+ .*url: its host is link-local/, /^13:\d+ .*url: its host is not public/, /^15:\d+ .*network/
  ])
})

t.test('whatever does not fit is told in words of the file, with what to write instead, and never with its value', async t => {
  const problemsOf = (text: string) => {
    const relay = document(text)
    readApps(relay)
    return relay.problems
  }
  const ofApp = (fields: string) => problemsOf(`apps: [{ sdkAppId: 1, ${fields} }]`)
  const ofDecision = (fields: string) => ofApp(`decisions: [{ commands: ["*"], url: "http://x/", ${fields} }]`)
  for (const [problems, text] of [
    [problemsOf('targets: {}'), 'apps: name at least one app. The apps whose callbacks are accepted.'],
    [problemsOf('apps:'), 'apps: name at least one app. '],
    [problemsOf('apps: []'), 'apps: name at least one app. '],
    [problemsOf('apps: { sdkAppId: 1 }'), 'apps: must be a list: put it in brackets, as in apps: [ ... ]. '],
    [problemsOf('apps: [7]'), 'apps[0]: must be a mapping with the keys sdkAppId, tokens, freshness, allow, decisions'],
    [problemsOf('apps: [{}]'), "apps[0].sdkAppId: is missing. The app's SDKAppID in Tencent's console."],
    [problemsOf('apps: [{ sdkAppID: 1 }]'), 'apps[0].sdkAppID: unknown key sdkAppID; did you mean sdkAppId?'],
    [problemsOf('apps: [{ sdkAppId: "1400000000" }]'), 'apps[0].sdkAppId: must be a whole number: write it without quotes. '],
    [problemsOf('apps: [{ sdkAppId: }]'), 'apps[0].sdkAppId: has no value; it must be a whole number. '],
    [problemsOf('apps: [{ sdkAppId: 0 }]'), 'apps[0].sdkAppId: must lie between 1 and 4294967295. '],
    [problemsOf('apps: [{ sdkAppId: 4294967296 }]'), 'apps[0].sdkAppId: must lie between 1 and 4294967295. '],
    [problemsOf('app: [{ sdkAppId: 1 }]')[0] ?? '', 'unknown key app; did you mean apps?'],
    [problemsOf('apps: [{ sdkAppId: 1 }]\nredis: {}'), 'unknown key redis; known are apps, targets'],
    [ofApp('token: hush'), 'apps[0].token: unknown key token; did you mean tokens?'],
    [ofApp('password: hush'), 'apps[0].password: unknown key password; known are sdkAppId, tokens, freshness, allow, decisions'],
    [ofApp('tokens: hush'), 'apps[0].tokens: must be a list: put it in brackets, as in tokens: [ ... ]. '],
    [ofApp('tokens: []'), 'apps[0].tokens: name at least one token, or leave tokens out. '],
    [ofApp('tokens: [123456]'), 'apps[0].tokens[0]: must be text: write it in quotes'],
    [ofApp('tokens: [""]'), 'apps[0].tokens[0]: must not be empty'],
    [ofApp('tokens: [{ hush: hush }]'), 'apps[0].tokens[0]: must be text'],
    [ofApp(`tokens: [${'hush'.repeat(33)}]`), 'apps[0].tokens[0]: is longer than 128 characters'],
    [ofApp(`tokens: [${Array(11).fill('hush').join(', ')}]`), 'apps[0].tokens: has more than 10 entries'],
    [ofApp('freshness: 300'), 'apps[0].freshness: must be text, and is a number. How far '],
    [ofApp('decisions: [{ url: "http://x/" }]'), 'apps[0].decisions[0].commands: is missing. The before-commands '],
    [ofApp('decisions: [{ command: "*", url: "http://x/" }]'), 'apps[0].decisions[0].command: unknown key command; did you mean commands?'],
    [ofDecision('fallback: denny'), 'apps[0].decisions[0].fallback: must be allow or deny; did you mean deny?'],
    [ofDecision('fallback: Deny'), 'apps[0].decisions[0].fallback: must be allow or deny; did you mean deny?'],
    [ofDecision('fallback: hush'), 'apps[0].decisions[0].fallback: must be allow or deny'],
    [ofDecision('fallback: false'), 'apps[0].decisions[0].fallback: must be allow or deny'],
    [ofDecision('concurrency: 0'), 'apps[0].decisions[0].concurrency: must lie between 1 and 10000. '],
    [ofApp('decisions: [{ commands: ["*"], url: "ftp://hush" }]'), 'apps[0].decisions[0].url: does not fit. Who is asked: an http or https URL.']
  ] as const) {
    const found = [problems].flat()
    t.equal(found.length, 1, `${text} alone: ${found.join(' ')}`)
    t.ok(found[0]?.replace(/^\S+ /, '').startsWith(text), `${text}: ${found[0]}`)
    t.notMatch(found.join(), /hush(?!:)/)
  }
  const open = Type.Object({ outcomes: Type.Optional(Type.Record(Type.String({ pattern: '^[a-z]+$' }), Type.Union([Type.Literal('retry'), Type.Literal('reject')]), { minProperties: 1, additionalProperties: false, description: 'Codes.' })), key: Type.Optional(Type.String({ minLength: 16, description: 'A key.' })), tables: Type.Optional(Type.Union([Type.Literal('none'), Type.Array(Type.Union([Type.Literal('group'), Type.Literal('topic')]), { uniqueItems: true })])) })
  for (const [fields, text] of [['outcomes: { A1: retry }', 'targets.a.outcomes.A1: cannot stand here as a key. Codes.'], ['outcomes: {}', 'targets.a.outcomes: name at least one outcome, or leave outcomes out. Codes.'], ['outcomes: retry', 'targets.a.outcomes: must be a mapping. Codes.'], ['outcomes: { a: rejct }', 'targets.a.outcomes.a: must be retry or reject; did you mean reject?'], ['tables: [topic, groups]', 'targets.a.tables: must be none or a list of group, topic, each once; did you mean group?'], ['tables: nome', 'targets.a.tables: must be none or a list of group, topic, each once; did you mean none?'], ['tables: [topic, topic]', 'targets.a.tables: must be none or a list of group, topic, each once'], ['key: hush', 'targets.a.key: must have at least 16 characters. A key.']] as const) {
    const relay = document(`targets: { a: { ${fields} } }`)
    relay.section(['targets', 'a'], open)
    t.same(relay.problems.map(problem => problem.replace(/^\S+ /, '')), [text])
  }
  const retry = Type.Object({ retry: Type.Object({ maxAge: Duration({ default: '1h', description: 'Wait.' }) }, { default: {}, additionalProperties: false }), empty: Type.Optional(Type.Boolean({ description: 'Whether.' })) })
  for (const [fields, text] of [['retry: { maxage: 1h }', 'targets.a.retry.maxage: unknown key maxage; did you mean maxAge?'], ['retry: 5', 'targets.a.retry: must be a mapping with the keys maxAge'], ['empty: "true"', 'targets.a.empty: must be true or false, without quotes. Whether.']] as const) {
    const relay = document(`targets: { a: { ${fields} } }`)
    relay.section(['targets', 'a'], retry)
    t.match(relay.problems.map(problem => problem.replace(/^\S+ /, '')), [text])
  }
})

t.test('what nobody sees in a secret is told of, and not the secret', async t => {
  const whsec = `whsec_${Buffer.alloc(24).toString('base64')}`
  const text = 'apps: [{ sdkAppId: 1, tokens: ["${TOKEN}"], decisions: [{ commands: ["Group.*"], url: "http://x/", style: tencent, token: "${TOKEN}" }, { commands: ["*"], url: "http://x/", secrets: ["${SECRET}"] }] }]'
  const problems = (token: string, secret: string) => {
    const relay = document(text, { TOKEN: token, SECRET: secret })
    t.equal(readApps(relay), undefined)
    return relay.problems.map(problem => problem.replace(/^\S+ /, ''))
  }
  for (const [before, after, why] of [['', '\r', 'ends with a line break'], ['', '\r\n', 'ends with a line break'], [' ', '', 'begins or ends with blanks'], ['', '\t', 'begins or ends with blanks'], ['\ufeff', '', 'begins or ends with blanks'], ['\0', '', 'has a control character']] as const) {
    const found = problems(`${before}hush${after}`, before + whsec + after)
    t.match(found, ['apps[0].tokens[0]: ', 'apps[0].decisions[0].token: ', 'apps[0].decisions[1].secrets[0]: '].map(place => place + why))
    t.notMatch(found.join(), /hush|AAAA/)
  }
  t.match(problems('hu\u0007sh', whsec), ['apps[0].tokens[0]: has a control character', 'apps[0].decisions[0].token: has a control character'])
  for (const token of ['x', 'a b', '密 钥']) t.match(readApps(document('apps: [{ sdkAppId: 1, tokens: ["${TOKEN}"] }]', { TOKEN: token })), [{ tokens: [token] }])
})

t.test('what begins like a variable and is none is told of, and not with what stands there', async t => {
  for (const text of ['http://x/${FOO', '${}', '${a-b}', '${FOO:-hush}', 'a ${FOO} ${', '$${FOO']) {
    const relay = document(`apps: [{ sdkAppId: 1, tokens: ['${text}'] }]`, { FOO: 'foo' })
    t.equal(readApps(relay), undefined, text)
    t.match(relay.problems, [/^baton\.yaml:1:\d+ \$\{ begins a variable here: give it a name(?!.*hush)/], text)
    t.equal(relay.problems.length, 1)
  }
  const relay = document("apps: [{ sdkAppId: 1, tokens: ['$FOO {x} $', '${FOO}'] }]", { FOO: '${BAR' })
  t.match(readApps(relay), [{ tokens: ['$FOO {x} $', '${BAR'] }], 'what a variable holds is not looked into')
})

t.test('an app that stands twice is found', async t => {
  const relay = document('apps:\n  - sdkAppId: 1\n  - sdkAppId: 1\ntargets: {}\n')
  readApps(relay)
  t.match(relay.problems, [/^baton.yaml:3:5 apps\[1\]\.sdkAppId: 1 stands here twice/])
})

t.test('how far the time of a signed callback may be off is a duration of 10 s to an hour', async t => {
  const freshness = (text: string) => {
    const relay = document(`apps: [{ sdkAppId: 1, freshness: ${text} }]`)
    return readApps(relay)?.[0]?.freshness ?? relay.problems
  }
  for (const [text, milliseconds] of [['10s', 10_000], ['60s', 60_000], ['300s', 300_000], ['3600s', 3_600_000], ['1m', 60_000], ['60m', 3_600_000], ['1h', 3_600_000]] as const) t.equal(freshness(text), milliseconds, text)
  for (const text of ['9s', '0s', '3601s', '61m', '2h', '500ms', '300', '-5m', '1d', '""']) t.match(freshness(text), [/^baton\.yaml:1:23 apps\[0\]\.freshness: .*at least 10s and at most 1h/], text)
})

t.test('an allow list holds addresses and networks; what is none is told with its place and what to write instead', async t => {
  const good = document('apps:\n  - sdkAppId: 1\n    allow: [198.51.100.7, 203.0.113.0/24, 2001:db8::/32, "::1", "${OFFICE}"]\n  - { sdkAppId: 2, allow: [10.0.0.0/8] }\n', { OFFICE: '192.0.2.0/25' })
  t.match(readApps(good), [{ allow: ['198.51.100.7', '203.0.113.0/24', '2001:db8::/32', '::1', '192.0.2.0/25'] }, { allow: ['10.0.0.0/8'] }])
  t.same(good.problems, [])
  for (const [entry, problem] of [
    ['203.0.113.77/24', /is an address within a network: write 203\.0\.113\.0\/24, or 203\.0\.113\.77 for the address alone$/],
    ['"2001:db8:ffff::1/33"', /is an address within a network: write 2001:db8:8000::\/33, or 2001:db8:ffff::1/],
    ['"2001:db8:0:0::7/64"', /write 2001:db8::\/64,/],
    ['"::ffff:203.0.113.0/120"', /is IPv4 within IPv6: write 203\.0\.113\.0\/24$/],
    ['"::ffff:203.0.113.7"', /is IPv4 within IPv6: write 203\.0\.113\.7$/],
    ['0.0.0.0/0', /is every address there is/],
    ['"::/0"', /is every address there is/],
    ['"::ffff:0:0/96"', /is every IPv4 address there is/],
    ['10.0.0.0/33', /no prefix between 1 and 32/],
    ['"2001:db8::/129"', /no prefix between 1 and 128/],
    ['10.0.0.0/08', /no prefix between/],
    ['10.0.0.0/', /no prefix between/],
    ['10.0.0.0/255.0.0.0', /no prefix between 1 and 32/],
    ['10.0.0.0/8/8', /is no address/],
    ['"::203.0.113.7"', /is IPv4 within IPv6: write 203\.0\.113\.7$/],
    ['"fe80::1%eth0"', /is no address/],
    ['010.0.0.1', /is no address/],
    ['"0x7f.1"', /is no address/],
    ['example.com', /is no address and no network: write 198\.51\.100\.7, 203\.0\.113\.0\/24 or 2001:db8::\/32$/],
    ['""', /is no address/]
  ] as const) {
    const relay = document(`apps:\n  - sdkAppId: 1\n    allow:\n      - 198.51.100.7\n      - ${entry}\n`)
    readApps(relay)
    t.match(relay.problems, [/^baton\.yaml:5:9 apps\[0\]\.allow\[1\]: "/], entry)
    t.match(relay.problems, [problem], entry)
  }
  for (const list of ['[]', '[7]', '203.0.113.0/24']) {
    const relay = document(`apps: [{ sdkAppId: 1, allow: ${list} }]`)
    t.equal(readApps(relay), undefined)
    t.match(relay.problems, [/^baton\.yaml:1:\d\d apps\[0\]\.allow(\[0\])?: (must be (a list|text)|name at least one entry, or leave allow out)/], list)
  }
})

/** As many bits as an address of its family has. */
const bitsOf = (address: string): string => ipaddr.parse(address).toByteArray().map(byte => byte.toString(2).padStart(8, '0')).join('')
const addressOf = (bits: string): string => ipaddr.fromByteArray((bits.match(/.{8}/g) ?? []).map(byte => Number.parseInt(byte, 2))).toString()

t.test('a network holds exactly the addresses that begin with its bits', async t => {
  for (const [sample, length] of [['203.0.113.77', 32], ['2001:db8:5a5a:7777:a5a5:1234:8765:4321', 128]] as const) {
    for (let prefix = 1; prefix <= length; prefix++) {
      const network = bitsOf(sample).slice(0, prefix).padEnd(length, '0')
      const list = new AddressList([`${addressOf(network)}/${prefix}`])
      const flipped = (at: number) => addressOf([...bitsOf(sample)].map((bit, nth) => nth === at ? String(1 - Number(bit)) : bit).join(''))
      const wrong = Array.from({ length }, (_, at) => at).filter(at => list.has(flipped(at)) !== (at >= prefix))
      t.same(wrong, [], `/${prefix}`)
      t.ok(list.has(sample))
    }
  }
  const list = new AddressList(['203.0.113.0/24', '2001:db8::/32'])
  for (const address of ['203.0.113.9', '::ffff:203.0.113.9', '::FFFF:CB00:7109', '203.0.113.9:4711', '[2001:db8::1]', '[2001:db8::1]:443', '2001:db8::1%eth0']) t.ok(list.has(address), address)
  for (const address of [undefined, '', '203.0.113.9 ', '203.0.113.9:x', '203.0.113', '::203.0.113.9', 'unknown', '[203.0.113.9', '2001:db8::1::']) t.notOk(list.has(address), String(address))
  t.notOk(new AddressList(['::/1']).has('203.0.113.9'), 'no network of IPv6 holds IPv4')
  t.throws(() => new AddressList(['203.0.113.9/24']), /write 203\.0\.113\.0\/24/)
})

t.test('the proxies to believe are named or counted, and are never everybody', async t => {
  for (const proxies of ['1', '9', '10.0.0.5', '10.0.0.0/8,2001:db8::/32', ' 10.0.0.5 , ::1 ']) t.match(readSettings({ TRUST_PROXY: proxies }), { TRUST_PROXY: proxies })
  for (const [proxies, why] of [
    ...['true', 'TRUE', '*', 'all', 'yes'].map(everybody => [everybody, /it would believe everybody, and anybody could claim any address/] as const),
    ['10.0.0.5,true', /it would believe everybody/],
    ['0.0.0.0/0', /"0\.0\.0\.0\/0" is every address there is\. .*there is no value for everybody/],
    ['10.0.0.5,::/0', /"::\/0" is every address/],
    ['0', /"0" is no address/], ['10', /"10" is no address/], ['-1', /"-1" is no address/], ['1.5', /no address/],
    ['10.0.0.5/8', /write 10\.0\.0\.0\/8/], ['loopback', /no address/], ['10.0.0.5,,::1', /"" is no address/], [',', /"" is no address/], [' ', /"" is no address/]
  ] as const) t.throws(() => readSettings({ TRUST_PROXY: proxies }), { code: 'SETTINGS_INVALID', problems: [why] }, proxies)
  t.throws(() => readSettings({ TRUST_PROXY: 'true', PORT: 'x' }), { code: 'SETTINGS_INVALID', problems: [/^PORT/, /^TRUST_PROXY/] })
})

t.test('certificate and key belong together', async t => {
  t.match(readSettings({ TLS_CERT: 'a', TLS_KEY: 'b' }), { TLS_CERT: 'a', TLS_KEY: 'b' })
  t.throws(() => readSettings({ TLS_CERT: 'a' }), { code: 'SETTINGS_INVALID', problems: [/^TLS_KEY is missing: TLS_CERT is set without it\./] })
  t.throws(() => readSettings({ TLS_KEY: 'b', TLS_CERT: '' }), { code: 'SETTINGS_INVALID', problems: [/^TLS_CERT is missing: TLS_KEY is set without it\./] })
})

t.test('broken YAML is located', async t => {
  t.match(document('apps:\n  - sdkAppId: [1\n').problems, [/^baton\.yaml:\d+:\d+ /])
  t.match(document('apps: a\napps: b\n').problems, [/^baton\.yaml:2:1 /])
  t.match(document('- a\n').problems, [/must be a mapping/])
  t.match(document('').problems, [])
})

t.test('variables are substituted in the section that is read, and only there', async t => {
  const text = 'apps:\n  - sdkAppId: ${APP}\n    tokens: ["${TOKEN}"]\ntargets:\n  crm: { type: webhook, url: "${UNSET}" }\n'
  const relay = document(text, { APP: '1400000007', TOKEN: '123456' })
  t.same(readApps(relay), [{ sdkAppId: 1400000007, tokens: ['123456'], freshness: 300_000 }], 'unquoted digits are a number, quoted ones are text')
  t.same(relay.problems, [], 'the unset variable of a target does not stop the ingress')
  relay.section(['targets', 'crm'], Type.Object({ type: Type.String(), url: Type.String() }))
  t.match(relay.problems, [/^baton.yaml:5:29 .*UNSET is not set|UNSET/])
})

t.test('aliases stand for what they name, variables in it included', async t => {
  const schema = Type.Object({ commands: Type.Optional(Type.Array(Type.String())), retry: Type.Object({ attempts: Type.Integer({ default: 3 }), note: Type.Optional(Type.String()) }, { default: {}, additionalProperties: false }) })
  const relay = document([
    'targets:',
    '  a:',
    '    commands: &c [One, "${TWO}"]',
    '    retry: &r',
    '      attempts: ${ATTEMPTS}',
    '      note: "${NOTE}"',
    '  b: { commands: *c, retry: *r }',
    '  c: &whole { commands: *c }',
    '  d: *whole', ''
  ].join('\n'), { TWO: 'Two', ATTEMPTS: '7', NOTE: 'a ${NAME} as it stands' })
  const expected = { commands: ['One', 'Two'], retry: { attempts: 7, note: 'a ${NAME} as it stands' } }
  t.same(relay.section(['targets', 'b'], schema), expected, 'read before the anchor was')
  t.same(relay.section(['targets', 'a'], schema), expected)
  t.same(relay.section(['targets', 'd'], schema), { commands: ['One', 'Two'], retry: { attempts: 3 } })
  t.same(relay.problems, [])

  const misfit = document('targets:\n  a: { retry: &r { attempts: x } }\n  b: { retry: *r }\n')
  t.equal(misfit.section(['targets', 'b'], schema), undefined)
  t.match(misfit.problems, [/^baton\.yaml:2:20 targets\.b\.retry\.attempts: must be a whole number/])
})

t.test('a variable that is not set is told of once, and one whose value looks like a variable is a value', async t => {
  const schema = Type.Object({ url: Type.String({ pattern: '^https:' }), more: Type.Optional(Type.String()) })
  const relay = document('targets:\n  a: { url: "${URL}" }\n  b: { url: "https://x", more: &m "${UNSET}" }\n  c: { url: "https://x", more: *m }\n', { URL: '${OTHER}' })
  t.equal(relay.section(['targets', 'a'], schema), undefined)
  t.match(relay.problems, [/^baton\.yaml:2:8 targets\.a\.url:/])
  t.equal(relay.section(['targets', 'b'], schema), undefined)
  t.equal(relay.section(['targets', 'c'], schema), undefined)
  t.match(relay.problems, [String, /^baton\.yaml:3:\d+ the variable .*UNSET/])
  t.equal(relay.problems.length, 2)
})

t.test('a key with a slash or a tilde is located', async t => {
  const relay = document('targets:\n  a:\n    "x/y~z": 1\n')
  relay.section(['targets', 'a'], Type.Object({}, { additionalProperties: false }))
  t.match(relay.problems, [/^baton\.yaml:3:5 targets\.a\.x\/y~z: unknown key/])
})

t.test('a file that cannot be unfolded is an error with a place, and no hang', async t => {
  const bomb = ['apps: &x0 [a]', ...Array.from({ length: 12 }, (_, at) => `k${at}: &x${at + 1} [${Array(10).fill(`*x${at}`).join(', ')}]`)].join('\n')
  for (const [text, problem] of [
    [bomb, /Excessive alias count/],
    [`apps: &a [1]\ntargets: [${Array(1_100).fill('*a').join(', ')}]`, /:2:\d+ there are more than 1000 anchors and aliases/],
    ['apps: *none\n', /:1:7 \*none stands for nothing/],
    ['apps: &a { b: *a }\n', /:1:15 \*a stands within/],
    ['['.repeat(100_000), /call stack/],
    [`apps: ${'['.repeat(2_000)}${']'.repeat(2_000)}`, /call stack|cannot be read/],
    [`# ${'x'.repeat(300_000)}`, /longer than/]
  ] as const) {
    const relay = document(text)
    readApps(relay)
    t.match(relay.problems[0], problem)
    t.ok(relay.problems.length <= 10)
    t.throws(() => { relay.assertValid() }, { code: 'RELAY_FILE_INVALID' })
  }
})

t.test('only a file that cannot be read is missing', async t => {
  const file = join(t.testdir({ 'baton.yaml': 'apps: *none\n' }), 'baton.yaml')
  t.throws(() => { openRelayFile({ BATON_CONFIG: file }).assertValid() }, { code: 'RELAY_FILE_INVALID' })
})

t.test('durations are written with a unit and read as ms', async t => {
  const schema = Type.Object({ wait: Duration({ default: '10s', description: 'How long.' }) })
  for (const [text, milliseconds] of [['500ms', 500], ['10s', 10_000], ['5m', 300_000], ['1h', 3_600_000], ['3d', 259_200_000]] as const) {
    t.same(document(`targets: { a: { wait: ${text} } }`).section(['targets', 'a'], schema), { wait: milliseconds })
  }
  t.same(document('targets: { a: {} }').section(['targets', 'a'], schema), { wait: 10_000 })
  for (const text of ['10', '1w', '-1s', '"1 s"', '1.5s']) {
    const relay = document(`targets: { a: { wait: ${text} } }`)
    t.equal(relay.section(['targets', 'a'], schema), undefined)
    t.match(relay.problems, [/targets\.a\.wait: .*500ms, 10s, 5m/])
  }
})

t.test('a relay file that is named must be there; without one there is ./baton.yaml, else the default', async t => {
  const folder = t.testdir({})
  t.throws(() => openRelayFile({ BATON_CONFIG: join(folder, 'none.yaml') }), { code: 'RELAY_FILE_MISSING', message: /BATON_CONFIG/ })
  const before = process.cwd()
  process.chdir(folder)
  t.teardown(() => { process.chdir(before) })
  t.same(openRelayFile({}).keys(['targets']), ['local'])
  writeFileSync('baton.yaml', 'apps: [{ sdkAppId: 5 }]\ntargets: { mine: { type: memory } }\n')
  t.same(openRelayFile({}).keys(['targets']), ['mine'])
})

t.test('any thrown value becomes a BatonError that keeps its cause', async t => {
  const cause = new Error('x')
  t.match(BatonError.from(cause), { code: 'UNEXPECTED', cause })
  t.match(BatonError.from('text'), { code: 'UNEXPECTED', message: 'text' })
  const known = new BatonError('NOT_FOUND', 'gone', { problems: ['a', 'b'] })
  t.equal(BatonError.from(known), known)
  t.equal(known.toText(), 'gone (NOT_FOUND)\n  - a\n  - b')
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => { server.close() })
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const [error] = await once(createServer().listen(port, '127.0.0.1'), 'error')
  t.match(BatonError.from(error), { code: 'PORT_IN_USE', message: new RegExp(`${port}.*PORT`) })
})

t.test('health: live, ready or what stands in the way, metrics, and nothing else', async t => {
  const obstacles: string[] = []
  const health = await serveHealth('127.0.0.1', 0, { ready: async () => obstacles[0], metrics: async () => 'a 1\n' })
  t.teardown(async () => { await health.close() })
  const status = async (path: string, method = 'GET') => {
    const response = await fetch(health.url + path, { method })
    return [response.status, await response.text()]
  }
  t.same(await status('/livez'), [200, 'alive\n'])
  t.same(await status('/readyz?x=1'), [200, 'ready\n'])
  obstacles.push('Redis is away')
  t.same(await status('/readyz'), [503, 'Redis is away\n'])
  t.same(await status('/metrics'), [200, 'a 1\n'])
  t.match(await status('/'), [404])
  t.match(await status('/livez', 'POST'), [405])
})
