import { createHmac } from 'node:crypto'
import fc from 'fast-check'
import t, { type Test } from 'tap'
import { Client } from 'pg'
import { eventKeysOf, type Event } from '@baton/contracts'
import { RelayDocument, createLogger } from '@baton/runtime'
import { anEvent, documentedExamples, postgresServer, receiver, sampleCallbacks } from '@baton/testing'
import { eventsInMemory, readTargets } from '../src/index.ts'
import { maskOf, type MaskRule } from '../src/mask.ts'

const key = '0123456789abcdef'
const hashOf = (value: string) => createHmac('sha256', key).update(value).digest('hex')
const log = createLogger('test', 'silent')
const patient = () => ({ signal: AbortSignal.timeout(30_000), attempt: 1 })

const rule = (text: string): MaskRule => {
  const [action, field = ''] = text.split(' ')
  return { action: action === 'drop' ? 'drop' : 'hash', field }
}
const masked = (body: string | Buffer, ...rules: string[]): string | undefined =>
  maskOf(rules.map(rule), key)({ ...anEvent(), body: Buffer.from(body) })?.body.toString()

t.test('a field is dropped with the comma that it no longer needs, and every other byte stays', async t => {
  const cases: Array<[string, string[], string]> = [
    ['{"a":1,"b":2,"c":3}', ['drop /a'], '{"b":2,"c":3}'],
    ['{"a":1,"b":2,"c":3}', ['drop /b'], '{"a":1,"c":3}'],
    ['{"a":1,"b":2,"c":3}', ['drop /c'], '{"a":1,"b":2}'],
    ['{"a":1,"b":2,"c":3}', ['drop /c', 'drop /a'], '{"b":2}'],
    ['{"a":1,"b":2,"c":3}', ['drop /a', 'drop /b'], '{"c":3}'],
    ['{ "a" : 1 , "b" : 2 }', ['drop /*'], '{  }'],
    ['{\n  "a" : 1 ,\n\t"b" : [ 1 , 2 , 3 ] ,\r\n "c":9223372036854775807\n}\n', ['drop /b/1'], '{\n  "a" : 1 ,\n\t"b" : [ 1 , 3 ] ,\r\n "c":9223372036854775807\n}\n'],
    ['{"b":[{"x":1,"y":[2]},{"x":1},{"y":3}],"n":-1.50e+3}', ['drop /b/*/x'], '{"b":[{"y":[2]},{},{"y":3}],"n":-1.50e+3}'],
    ['{"a":{"x":1,"y":{"x":2}},"b":{"x":[{"x":3}]}}', ['drop /**/x'], '{"a":{"y":{}},"b":{}}'],
    ['{"a":1,"b":{"c":2}}', ['drop /a', 'drop /b/c'], '{"b":{}}'],
    ['{"From_Account":"a","To_Account":"b","Account":"c","_Account":"d"}', ['drop /*_Account'], '{"Account":"c"}'],
    ['{"a/b":1,"m~n":2,"":3}', ['drop /a~1b', 'drop /m~0n'], '{"":3}'],
    ['{}', ['drop /a'], '{}'],
    ['{"a":[],"b":{}}', ['drop /a/*', 'drop /b/*'], '{"a":[],"b":{}}'],
    ['{"a":"x"}', ['drop /a/b', 'drop /A', 'drop /a/*', 'drop /b'], '{"a":"x"}']
  ]
  for (const [body, rules, expected] of cases) t.equal(masked(body, ...rules), expected, `${rules.join(', ')} of ${body}`)
})

t.test('a hash is the HMAC of what the value says, so that equal values stay joinable however they are written', async t => {
  const body = masked('{"a":"10.0.0.1","b":"\\u0031\\u0030.0.0.1","c":144115212830834855,"d":"144115212830834855","e":null,"f":{"x": 1}}', 'hash /*')
  t.same(JSON.parse(body ?? ''), { a: hashOf('10.0.0.1'), b: hashOf('10.0.0.1'), c: hashOf('144115212830834855'), d: hashOf('144115212830834855'), e: hashOf('null'), f: hashOf('{"x": 1}') })
  t.equal(masked('{ "a" : "x" , "b":1.0 }', 'hash /a'), `{ "a" : "${hashOf('x')}" , "b":1.0 }`)
  const event = maskOf([rule('hash query:ClientIP'), rule('drop query:OptPlatform'), rule('hash /IP')], key)(anEvent({ query: 'a=1&%43lientIP=10.0.0.1&OptPlatform=iOS&b=%20+x&ClientIP&OptPlatform=x', body: { IP: '10.0.0.1' } }))
  t.equal(event?.query, `a=1&%43lientIP=${hashOf('10.0.0.1')}&b=%20+x&ClientIP=${hashOf('')}`)
  t.match(JSON.parse(String(event?.body)), { IP: hashOf('10.0.0.1') })
})

t.test('the first rule that fits a value holds, and what is outside holds before what is within', async t => {
  t.equal(masked('{"a":"x"}', 'hash /a', 'drop /*'), `{"a":"${hashOf('x')}"}`)
  t.equal(masked('{"a":"x"}', 'drop /*', 'hash /a'), '{}')
  t.equal(masked('{"a":{"b":1}}', 'drop /a/b', 'hash /a'), `{"a":"${hashOf('{"b":1}')}"}`)
})

t.test('names count as they are meant, every one of them, behind a byte order mark, and at any depth', async t => {
  t.equal(masked('{"\\u0041":"s","A":"s","\\u0041\\u0042":1}', 'drop /A'), '{"\\u0041\\u0042":1}')
  t.equal(masked('\uFEFF{"A":"s","B":1}', 'drop /A'), '\uFEFF{"B":1}')
  t.equal(masked('{"a":"\u2028 }],{[:\\"","A":"\\\\"}', 'drop /A'), '{"a":"\u2028 }],{[:\\""}')
  const deep = (inner: string) => `{"x":${'['.repeat(200_000)}${inner}${']'.repeat(200_000)}}`
  t.equal(masked(deep('{"A":"s","B":1}'), 'drop /**/A'), deep('{"B":1}'))
  t.equal(masked(deep('1'), 'drop /x'), '{}')
})

t.test('a body that cannot be read does not leave', async t => {
  for (const body of ['', 'x', '[{"A":"s"}]', '{"A":"s"', '{"A":"s"}}', '{"A":"s",}', "{'A':1}", '{"A":1 /* s */}', '"A"', Buffer.from([0x7B, 0x22, 0xFF, 0x22, 0x3A, 0x31, 0x7D])]) t.equal(masked(body, 'drop /A'), undefined, String(body))
  const [target] = await targetsOf(t, 'type: memory', ['drop /A'])
  if (target === undefined) return
  const fine = anEvent({ body: { A: 's' } })
  const outcomes = await (await target.open({ log, embeddedPostgresPort: 0 })).deliver([{ ...fine, body: Buffer.from('{"A":') }, fine, { ...fine, body: Buffer.from('x') }], patient())
  t.match(outcomes, [{ kind: 'reject', code: 'mask_unreadable' }, { kind: 'delivered' }, { kind: 'reject', code: 'mask_unreadable' }])
  t.equal(eventsInMemory('masked').length, 1)
})

t.test('what repeats a masked value goes as well: the answer of the endpoint that decided, and the ordering key', async t => {
  const decision = { verdict: 'deny', by: 'endpoint', answer: '{"ErrorInfo":"peter must not"}', took: 3 } as const
  const event = anEvent({ command: 'Group.CallbackBeforeSendMsg', body: { From_Account: 'peter' }, decision })
  t.same(maskOf([rule('drop /From_Account')], key)(event)?.decision, { verdict: 'deny', by: 'endpoint', took: 3 })
  t.same(maskOf([rule('drop /NoSuchField')], key)(event), event, 'where nothing is masked, all stays')
  const message = anEvent({ command: 'C2C.CallbackAfterSendMsg', body: { From_Account: 'peter', To_Account: 'paul', GroupId: undefined } })
  t.equal(message.orderingKey, 'paul\npeter')
  t.equal(maskOf([rule('hash /From_Account')], key)(message)?.orderingKey, hashOf('paul\npeter'))
  t.equal(maskOf([rule('drop /To_Account')], key)(message)?.orderingKey, hashOf('paul\npeter'), 'the order of events stays')
  t.equal(maskOf([rule('hash /MsgBody')], key)(message)?.orderingKey, 'paul\npeter')
  const { id, receivedAt, eventTime, appId } = message
  t.match(maskOf([rule('hash /**/*')], key)(message), { id, receivedAt, eventTime, appId })
})

/** Any JSON text: spacing, escapes, repeated and odd names, and large numbers included. Leaves are texts that occur nowhere else. */
const jsonText = () => {
  const blank = fc.constantFrom('', '', ' ', '\n\t', '\r\n  ')
  const name = fc.constantFrom('"A"', '"\\u0041"', '"B"', '"C_Account"', '"__proto__"', '"a\\"b"', '"😀"', '""')
  const leaf = fc.oneof(
    fc.nat(99_999).map(n => `"secret${String(n).padStart(5, '0')}"`), fc.nat(99_999).map(n => `77${String(n).padStart(5, '0')}77777777777`), fc.constantFrom('true', 'null', '-0', '1.50E+3', '9223372036854775807', '"\\ud800 \\/ }]"', '"\u2028,"'))
  const joined = (open: string, close: string, items: fc.Arbitrary<string>) => fc.tuple(fc.array(fc.tuple(blank, items, blank).map(parts => parts.join('')), { maxLength: 4 }), blank).map(([parts, end]) => `${open}${parts.join(',')}${parts.length === 0 ? end : ''}${close}`)
  const { value } = fc.letrec<{ value: string }>(tie => ({
    value: fc.oneof({ maxDepth: 5, withCrossShrink: true }, leaf, joined('[', ']', tie('value')), joined('{', '}', fc.tuple(name, blank, tie('value')).map(([key, space, inner]) => `${key}${space}:${space}${inner}`)))
  }))
  return fc.tuple(fc.constantFrom('', '\uFEFF'), joined('{', '}', fc.tuple(name, value).map(([key, inner]) => `${key}:${inner}`))).map(parts => parts.join(''))
}

/** The same by another way: parse all, with every occurrence of a name, and write the rest. */
interface Node { text?: string, items?: Array<{ name?: string, value: Node }>, open?: string }
function parsedTree (text: string): Node {
  let at = 0
  const blanks = () => { while (/[\s\uFEFF]/.test(text[at] ?? '')) at += 1 }
  const scalar = (): string => {
    const [found = ''] = /^("(?:[^"\\]|\\.)*"|[-\w.+]+)/.exec(text.slice(at)) ?? []
    at += found.length
    return found
  }
  const value = (): Node => {
    blanks()
    const open = text[at]
    if (open !== '{' && open !== '[') return { text: scalar() }
    const items: NonNullable<Node['items']> = []
    at += 1
    for (blanks(); text[at] !== '}' && text[at] !== ']'; blanks()) {
      if (text[at] === ',') at += 1
      blanks()
      const name = open === '{' ? String(JSON.parse(scalar())) : undefined
      blanks()
      if (name !== undefined) at += 1
      items.push({ ...name !== undefined && { name }, value: value() })
      blanks()
    }
    at += 1
    return { items, open }
  }
  return value()
}
function maskTree ({ text, items, open }: Node, steps: readonly string[][], action: string): string {
  if (items === undefined) return text ?? ''
  const parts = items.flatMap(({ name, value }, at) => {
    const step = name ?? String(at)
    const next = steps.flatMap(([first = '', ...rest]) => {
      const [before = '', after] = first.split('*')
      const fits = first === '**' ? false : after === undefined ? step === before : step.length >= before.length + after.length && step.startsWith(before) && step.endsWith(after)
      return [...first === '**' ? [[first, ...rest]] : [], ...fits ? [rest] : []]
    }).flatMap(rest => rest[0] === '**' ? [rest, rest.slice(1)] : [rest])
    const ends = next.some(rest => rest.length === 0)
    if (ends && action === 'drop') return []
    const written = ends ? '"#"' : maskTree(value, next.filter((rest, at) => next.findIndex(other => other.join('/') === rest.join('/')) === at), action)
    return [name === undefined ? written : `${JSON.stringify(name)}:${written}`]
  })
  return `${open ?? ''}${parts.join(',')}${open === '{' ? '}' : ']'}`
}

const paths = fc.array(fc.constantFrom('A', 'B', '*', '0', '1', '*_Account', 'C*', '**', '😀', 'a"b'), { minLength: 1, maxLength: 4 })
  .map(steps => steps.filter((step, at) => step !== '**' || (at < steps.length - 1 && steps[at + 1] !== '**'))).filter(steps => steps.length > 0 && steps.at(-1) !== '**')

t.test('whatever the body and the path: exactly what it names is masked, and what is masked is nowhere in what is sent', async t => {
  fc.assert(fc.property(jsonText(), paths, fc.constantFrom('drop', 'hash'), (text, steps, action) => {
    const sent = masked(text, `${action} /${steps.join('/')}`)
    if (sent === undefined) return false
    const start = steps[0] === '**' ? [steps, steps.slice(1)] : [steps]
    const expected = maskTree(parsedTree(text), start, action)
    const compact = (body: string) => maskTree(parsedTree(body), [], action).replaceAll(/"[0-9a-f]{64}"/g, '"#"')
    if (compact(sent) !== expected) return false
    // What stays, stays byte for byte: with its spacing taken away both are what was expected.
    if (expected === maskTree(parsedTree(text), [], action)) return sent === text
    const secretsIn = (body: string): string[] => body.match(/secret\d{5}|77\d{5}77777777777/g) ?? []
    const staying = secretsIn(expected)
    return secretsIn(sent).every(secret => staying.includes(secret))
  }), { numRuns: 3_000 })
})

t.test('bodies as they are documented: all accounts masked at any depth, and all else as it came', async t => {
  const bodies = [...sampleCallbacks().map(({ command, body }) => ({ command, body })), ...documentedExamples().map(({ command, body }) => ({ command, body: Buffer.from(body) }))]
  t.ok(bodies.length > 80)
  const mask = maskOf([rule('hash /**/*_Account')], key)
  let changed = 0
  for (const { command, body } of bodies) {
    const before: unknown = JSON.parse(body.toString())
    const event: Event = { ...anEvent(), command, body, orderingKey: eventKeysOf(command, Object(before)).orderingKey }
    const sent = mask(event)
    if (sent === undefined) {
      t.fail(command)
      continue
    }
    const expected = body.toString().replaceAll(/(_Account"\s*:\s*)("(?:[^"\\]|\\.)*"|-?\d+|\[[^\]]*\])/g, (_, name: string, value: string) => `${name}"${hashOf(value.startsWith('"') ? String(JSON.parse(value)) : value)}"`)
    t.equal(sent.body.toString(), expected, command)
    changed += expected === body.toString() ? 0 : 1
  }
  t.ok(changed > 60)
})

/** Targets of a relay file, masked. */
async function targetsOf (t: Test, settings: string, rules: string[]) {
  const mask = rules.map(text => `{ field: "${rule(text).field}", action: ${rule(text).action} }`).join(', ')
  const document = new RelayDocument('baton.yaml', `targets:\n  masked: { ${settings}, maskKey: "${key}", mask: [${mask}] }\n`, () => undefined)
  const targets = await readTargets(document)
  t.same(document.problems, [])
  return targets
}

t.test('neither a webhook nor SQL gets what is masked: body, query, headers, columns', async t => {
  const rules = ['hash /Owner_Account', 'drop /Name', 'hash /MemberList/*/Member_Account', 'drop query:ClientIP', 'drop /Operator_Account']
  const secret = { Owner_Account: 'owner-peter', Name: 'name-of-cats', MemberList: [{ Member_Account: 'member-mary' }], Operator_Account: 'operator-olga' }
  const event = anEvent({ body: secret, query: 'SdkAppid=1400000000&ClientIP=203.0.113.77&OptPlatform=iOS', decision: { verdict: 'allow', by: 'endpoint', answer: '{"ErrorInfo":"owner-peter"}', took: 1 } })
  const never = /owner-peter|name-of-cats|member-mary|operator-olga|203\.0\.113\.77/

  const { url, received } = await receiver(t, () => ({ status: 200, body: '{"ErrorCode":0}' }))
  for (const style of ['baton', 'tencent']) {
    const [target] = await targetsOf(t, `type: webhook, url: "${url}/x", style: ${style}`, rules)
    const open = await target?.open({ log, embeddedPostgresPort: 0 })
    t.same(await open?.deliver([event], patient()), [{ kind: 'delivered' }])
    await open?.close()
    const [got] = received.splice(0)
    t.notMatch(`${got?.path} ${JSON.stringify(got?.headers)} ${String(got?.body)}`, never)
    t.match(JSON.parse(String(got?.body)), { Owner_Account: hashOf('owner-peter'), MemberList: [{ Member_Account: hashOf('member-mary') }] })
    if (style === 'baton') t.equal(got?.headers['webhook-id'], event.id)
  }

  const asked = await receiver(t)
  const [hook] = await targetsOf(t, `type: webhook, url: "${asked.url}"`, rules)
  const openHook = await hook?.open({ log, embeddedPostgresPort: 0 })
  t.same(await openHook?.test?.({ signal: AbortSignal.timeout(5_000), appId: 1400000000, id: 'evt_test' }), { kind: 'delivered' }, 'it can be asked whether it takes events')
  await openHook?.close()

  const server = await postgresServer(t)
  if (server === undefined) return
  const [target] = await targetsOf(t, `type: postgres, url: "${server.url}"`, rules)
  const open = await target?.open({ log, embeddedPostgresPort: 0 })
  t.same(await open?.deliver([event], patient()), [{ kind: 'delivered' }])
  await open?.close()
  const client = new Client({ connectionString: server.url })
  await client.connect()
  t.teardown(async () => { await client.end() })
  const rows = []
  for (const table of ['chat_event', 'chat_group', 'chat_topic', 'chat_group_member']) rows.push(...(await client.query<{ row: string }>(`SELECT ${table}::text AS row FROM ${table}`)).rows)
  t.notMatch(JSON.stringify(rows), never)
  const { rows: [group] } = await client.query('SELECT owner_account, name FROM chat_group')
  t.match(group, { owner_account: hashOf('owner-peter'), name: null })
})

t.test('a mask that cannot work is refused with its place', async t => {
  const problemsOf = async (settings: string) => {
    const document = new RelayDocument('baton.yaml', `targets:\n  a:\n    { type: memory, ${settings} }\n`, () => undefined)
    await readTargets(document)
    return document.problems
  }
  const mask = (field: string) => `maskKey: "${key}", mask: [{ field: "${field}", action: drop }]`
  t.match(await problemsOf('mask: [{ field: /A, action: drop }]'), [/^baton\.yaml:3:21 targets\.a\.mask: needs maskKey as well/])
  t.match(await problemsOf(`maskKey: "${key}"`), [/maskKey: does nothing without mask/])
  t.match(await problemsOf('maskKey: short, mask: [{ field: /A, action: drop }]'), [/targets\.a\.maskKey: (?!.*short)/])
  for (const [field, problem] of [['A', /does not fit/], ['/A//B', /a path is written/], ['/A/', /a path is written/], ['/A/**', /ends with a name or \*/], ['/**/**/A', /one \*\* stands/], ['/*A*', /at most one \*/], ['/A~2', /~ is written ~0/], ['query:', /does not fit/]] as const) {
    t.match(await problemsOf(mask(field)), [problem], field)
  }
  t.match(await problemsOf(`maskKey: "${key}", mask: [{ field: /A, action: blur }]`), [/mask\[0\]\.action/])
  t.same(await problemsOf(mask('/**/*_Account')), [])
})
