import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import t from 'tap'
import { RelayDocument } from '@baton/runtime'
import { anEvent } from '@baton/testing'
import { filterFunctions, filterMacros, filterVariables } from '../src/filter-language.ts'
import { readFilter } from '../src/filter.ts'
import { EventView, readTargets } from '../src/index.ts'

const verdict = (expression: string, event: Parameters<typeof anEvent>[0] | Buffer) => {
  const read = readFilter(expression)
  if ('problem' in read) return read.problem
  return read.filter(new EventView(Buffer.isBuffer(event) ? { ...anEvent(), body: event } : anEvent(event)))
}
const kindOf = (expression: string, event: Parameters<typeof anEvent>[0] | Buffer) => {
  const found = verdict(expression, event)
  return 'kind' in found ? found.kind : found.text
}

t.test('a filter asks about command, app, group, query, decision and body', async t => {
  const topic = anEvent({ command: 'Group.CallbackAfterCreateTopic', body: { GroupId: '@TGS#_a', Type: 'Community', TopicId: '@TGS#_a@TOPIC#_b', Name: 'cats' }, query: 'SdkAppid=1400000000&OptPlatform=RESTAPI&a=%20b&a=c' })
  const view = new EventView(topic)
  for (const expression of [
    'app == 1400000000',
    'command == "Group.CallbackAfterCreateTopic" && command.startsWith("Group.")',
    'groupId == "@TGS#_a" && groupType == "Community"',
    'groupType in ["Community", "Public"]',
    'query.OptPlatform == "RESTAPI" && query.a == " b"',
    '!has(query.ClientIP)',
    'decision == ""',
    'body.Name.upperAscii().contains("CAT")',
    'size(body.Name) == 4 ? true : false'
  ]) {
    const read = readFilter(expression)
    t.same('filter' in read ? read.filter(view) : read, { kind: 'wanted' }, expression)
  }
  t.equal(kindOf('decision == "deny"', { command: 'Group.CallbackBeforeSendMsg', decision: { verdict: 'deny', by: 'endpoint', took: 1 } }), 'wanted')
  t.equal(kindOf('groupId == "" && groupType == ""', Buffer.from('{"RoomId":"r","Type":"Enter"}')), 'wanted', 'where there is no group, Type means something else')
  t.equal(kindOf('groupId == "@TGS#_a"', Buffer.from('{"TopicId":"@TGS#_a@TOPIC#_b"}')), 'wanted', 'a topic belongs to its community')
})

t.test('lists are gone through, and their elements looked into', async t => {
  const message = { MsgBody: [{ MsgType: 'TIMTextElem', MsgContent: { Text: 'red packet' } }, { MsgType: 'TIMFaceElem', MsgContent: {} }], From_Account: 'a' }
  t.equal(kindOf('body.MsgBody.exists(m, m.MsgType == "TIMTextElem" && m.MsgContent.Text.contains("red"))', { body: message }), 'wanted')
  t.equal(kindOf('body.MsgBody.exists(m, ["red", "blue"].exists(word, has(m.MsgContent.Text) && m.MsgContent.Text.contains(word)))', { body: message }), 'wanted')
  t.equal(kindOf('body.MsgBody.all(m, m.MsgType == "TIMTextElem")', { body: message }), 'filtered')
  t.equal(kindOf('body.MsgBody.exists_one(m, m.MsgType == "TIMFaceElem")', { body: message }), 'wanted')
  t.equal(kindOf('body.MsgBody.filter(m, m.MsgType.startsWith("TIM")).size() == 2 && "x" in ["x"]', { body: message }), 'wanted')
  t.equal(kindOf('body.MsgBody.exists(m, m.MsgType != body.From_Account)', { body: message }), 'wanted', 'what lies outside can be compared')
  t.equal(kindOf('body.L.exists(inner, inner.exists(n, n == 3))', Buffer.from('{"L":[[1],[2,3]]}')), 'wanted')
})

t.test('integers are exact, whatever their size, and compare with fractions', async t => {
  const body = Buffer.from('{"A":144115212830834855,"B":[-9223372036854775807,{"t":true,"f":false,"n":null,"d":1.5,"s":"\\u0041"}],"N":5,"D":5.0}')
  for (const expression of ['body.A == 144115212830834855', 'body.A != 144115212830834856', 'body.B[0] < -9223372036854775806', 'body.B[1].t && !body.B[1].f && body.B[1].n == null && body.B[1].d == 1.5 && body.B[1].s == "A"', 'body.N + 1 == 6', 'body.N > 4.5', 'body.D == 5']) {
    t.equal(kindOf(expression, body), 'wanted', expression)
  }
  t.equal(kindOf('body.D > 5', Buffer.from('{"D":5.5}')), 'wanted')
  t.equal(kindOf('body.A == 2', Buffer.from('{"A":1,"\\u0041":2}')), 'wanted', 'of fields with the same name the last one counts')
})

t.test('an event for which a filter cannot be evaluated is not wanted, and the problem names the place in the filter and no value', async t => {
  t.same(verdict('body.Nope == 1', {}), { kind: 'unclear', problem: 'no_such_key at Nope' })
  t.same(verdict('body.Name > 5', { body: { Name: 'secret' } }), { kind: 'unclear', problem: 'no_such_overload at body.Name > 5' })
  t.match(verdict('int(body.Name) == 1', { body: { Name: 'secret' } }), { kind: 'unclear', problem: /^int_conversion_error(?!.*secret)/ })
  t.match(verdict('body.GroupId == "x"', Buffer.from('no JSON')), { kind: 'unclear', problem: /no_json/ })
  t.match(verdict('groupId == "x"', Buffer.from('[]')), { kind: 'filtered' })
  t.match(verdict('body.L == 1', Buffer.from(`{"L":${'['.repeat(500_000)}${']'.repeat(500_000)}}`)), { kind: 'unclear', problem: /nested_too_deeply|no_json/ })
  t.match(verdict('body.L.exists(x, x == 1)', { body: { L: Array(60_000).fill(0) } }), { kind: 'unclear', problem: /too_many_values/ })
  t.equal(kindOf('body.Nope == 1 || true', {}), 'wanted', 'where it does not matter, nothing is unclear')
  t.equal(kindOf('command == "no such" && body.X == 1', Buffer.from('no JSON')), 'filtered', 'the body is not even read')
})

t.test('names that JavaScript knows are names like any other', async t => {
  const body = Buffer.from('{"constructor":{"constructor":1},"__proto__":{"a":2},"toString":3,"L":[{"constructor":"Array"}]}')
  for (const expression of ['body.constructor.constructor == 1', 'body["__proto__"].a == 2', 'body.toString == 3', 'body.L.exists(x, x.constructor == "Array")']) t.equal(kindOf(expression, body), 'wanted', expression)
  for (const expression of ['body.constructor == 1', 'body["__proto__"] == 1', 'body.hasOwnProperty == 1', 'body.get == 1', 'body.size == 1', 'query["__proto__"] == "x"', 'groupId.length == 1', 'body.L.length == 1']) {
    t.not(kindOf(expression, {}), 'wanted', expression)
  }
  t.equal(Reflect.get({}, 'a'), undefined)
})

t.test('what is wrong with a filter is known at start: syntax, names, types, and what would take too long', async t => {
  const problems: Array<[string, RegExp, number]> = [
    ['command ==', /Unexpected token/, 10],
    ['comand == "x"', /Unknown variable: comand/, 0],
    ['app == 1 && command + 1 == 2', /no such overload: string \+ int/, 12],
    ['command.startsWith(1)', /no matching overload/, 0],
    ['body.OnlineOnlyFlag', /is no condition: compare/, 0],
    ['command', /its type is string, and must be bool/, 0],
    ['command.matches("(a+)+b")', /^matches\(\) is not part of the language of filters; there are has, /, 0],
    ['cel.bind(x, 1, x == 1)', /^bind\(\) is not part/, 0],
    ['body.L.map(x, x) == []', /^map\(\) is not part/, 0],
    ['timestamp("2024-01-01T00:00:00Z") == timestamp(body.T)', /^timestamp\(\) is not part/, 0],
    ['{"a": 1} == body.X', /^a map is not part/, 0],
    ['body.A.exists(x, body.B.exists(y, x == y))', /within a list only lists of its elements can be gone through: write x\./, 17],
    ['body.A.exists(x, x.L.exists(y, x.Text.contains(y)))', /^within the list, x can only be compared/, 31],
    ['body.A.exists(x, body.T.contains("x"))', /^within the list, body can only be compared/, 17],
    ['body.A.exists(x, x in body.B)', /^within the list, body can only be compared/, 22],
    ['body.A.exists(x, groupId.contains(x))', /^within the list, groupId can only be compared/, 17],
    ['body.A.filter(x, true).exists(x, true)', /only a list that stands in the event/, 0],
    ['[body.A, body.A].exists(x, x.exists(y, true))', /only a list that stands in the event/, 0],
    ['[1].exists(a, [2].exists(b, a == b))', /a list of constants is gone through within another/, 14],
    ['body.A.exists(body, true)', /body has a meaning already/, 14],
    [Array(300).fill('app == 1').join(' && '), /[Ee]xceeded/, Number.NaN]
  ]
  for (const [expression, text, at] of problems) {
    const found = readFilter(expression)
    if (!('problem' in found)) t.fail(`${expression} is taken`)
    else t.match(found.problem, { text, ...!Number.isNaN(at) && { at } }, expression)
  }
})

t.test('no filter takes longer than the event is large', async t => {
  const long = 'x'.repeat(200_000)
  const bodies = [
    { A: Array.from({ length: 40_000 }, () => 0), T: long },
    { A: Array.from({ length: 10_000 }, () => ({ L: [1, 2] })), T: long },
    { A: [{ L: Array.from({ length: 40_000 }, () => 'x') }], T: long }
  ].map(body => new EventView(anEvent({ body })))
  for (const expression of [
    'body.A.exists(x, x.Nope == 1)', 'body.A.all(x, x.L.exists(y, y == body.T))', 'body.A.exists(x, x == body.T || body.T == x)',
    'body.A.filter(x, x != body.A).size() == -1', 'body.A.exists(x, ["a", "b", "c"].exists(w, x.L.exists(y, y == w)))', 'body.T.contains("xy") || body.A == body.A && body.T + body.T == "y"'
  ]) {
    const read = readFilter(expression)
    if ('problem' in read) {
      t.fail(read.problem.text)
      continue
    }
    for (const view of bodies) {
      const began = performance.now()
      read.filter(view)
      t.ok(performance.now() - began < 10_000, expression) // what is quadratic takes minutes
    }
  }
})

t.test('whatever the body, a filter answers and throws nothing', async t => {
  const filters = ['body.A == body.B', 'body.A.exists(x, x.B == body.A || x == 1)', 'body.A[0].B > 1 || has(body.A.B)', 'string(body.A) == body.B && body.A in [1, 2]', 'body.A + body.B == body.A && size(body.A) > 0', 'body.A.filter(x, x).size() == int(body.B)']
    .map(readFilter).flatMap(read => 'filter' in read ? [read.filter] : [])
  t.equal(filters.length, 6)
  const names = fc.constantFrom('A', 'B', 'constructor', '__proto__', 'length')
  const { value } = fc.letrec(tie => ({
    value: fc.oneof({ maxDepth: 5 }, fc.jsonValue({ maxDepth: 1 }), fc.array(tie('value'), { maxLength: 4 }), fc.dictionary(names, tie('value'), { maxKeys: 4 }))
  }))
  fc.assert(fc.property(fc.dictionary(names, value), body => {
    const view = new EventView({ ...anEvent(), body: Buffer.from(JSON.stringify(body)) })
    return filters.every(filter => ['wanted', 'filtered', 'unclear'].includes(filter(view).kind))
  }), { numRuns: 500 })
})

t.test('a problem of a filter is told with file, line and column, however the filter is written', async t => {
  const problemsOf = async (lines: string[]) => {
    const document = new RelayDocument('baton.yaml', `targets:\n  a:\n    type: memory\n${lines.join('\n')}\n`, () => undefined)
    await readTargets(document)
    return document.problems
  }
  t.match(await problemsOf(['    filter: app == 1 && comand == "x"']), [/^baton\.yaml:4:25 targets\.a\.filter: Unknown variable: comand/])
  t.match(await problemsOf(["    filter: 'app == 1 && comand == \"x\"'"]), [/^baton\.yaml:4:26 /])
  t.match(await problemsOf(['    filter: >-', '      app == 1 &&', '      comand == "x"']), [/^baton\.yaml:6:7 /])
  t.match(await problemsOf(['    filter: |', '      app == 1', '      && (comand == "x"', '      || app == 2)']), [/^baton\.yaml:6:11 /])
  t.match(await problemsOf(['    filter: app == 1 &&', '      comand == "x"']), [/^baton\.yaml:5:7 /])
  t.match(await problemsOf(['    filter: app ==']), [/^baton\.yaml:4:19 /])
  t.match(await problemsOf(['    filter: "app == 1 && comand == \\"x\\""']), [/^baton\.yaml:4:26 /])
  t.match(await problemsOf(['    filter: "\\x61pp == 1 && comand == 1"']), [/^baton\.yaml:4:5 /], 'where it is written in another way than it reads, the key')
  t.match(await problemsOf(['    filter: true']), [/targets\.a\.filter: must be text: write it in quotes/])
})

t.test('docs/routing.md tells of every variable and function of filters, and its filters fit', async t => {
  const page = readFileSync(new URL('../../../docs/routing.md', import.meta.url), 'utf8')
  for (const [name, [type]] of Object.entries(filterVariables)) t.match(page, new RegExp(`^\\| \`${name}\` \\| ${type === 'Fields' ? 'object' : type.replace('map<string, string>', 'object')} \\|`, 'm'))
  for (const name of [...filterFunctions, ...filterMacros]) t.match(page, `\`${name}\``)
  const [, examples = ''] = page.split(/^\| Filter \| Wants \|$|^\*\*Operators/m)
  const filters = [...page.matchAll(/^ {4}filter: (.*)$/gm), ...examples.matchAll(/^\| `([^`]+)` \|/gm)].map(([, filter = '']) => filter)
  t.ok(filters.length > 5)
  for (const filter of filters) t.match(readFilter(filter), { filter: Function }, filter)
})
