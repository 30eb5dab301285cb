import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import type { Event, KnownCommand } from '@baton/contracts'
import { RelayDocument } from '@baton/runtime'
import { anEvent, mariadbServer, postgresServer } from '@baton/testing'
import fc from 'fast-check'
import t, { type Test } from 'tap'
import { readTargets } from '../src/index.ts'
import { groupedRuns } from '../src/mysql/grouped-runs.ts'
import { maskOf } from '../src/mask.ts'
import { maskedTarget } from '../src/masked-target.ts'
import { readStatements } from '../src/sql/statements/read-statements.ts'
import { facts } from '../src/sql/statements/source.ts'
import { mostElements } from '../src/sql/statements/runs-of-event.ts'
import type { StatementSettings } from '../src/sql/statements/statement-settings.ts'
import { tokensOf, type Dialect } from '../src/sql/statements/sql-tokens.ts'
import { targetContract } from '../src/target-contract.ts'
import type { Target } from '../src/target.ts'
import { count, embeddedPostgres, openTarget, realMariadb, realPostgres, receiptsIn, unclosed, type Database, type Kind } from './sql/databases.ts'
import { proxy } from './sql/proxy.ts'

const parametersIn = (sql: string, dialect: Dialect) => {
  const tokens = tokensOf(sql, dialect)
  return Array.isArray(tokens) ? tokens.flatMap(({ kind, text }) => kind === 'parameter' ? [text] : []) : tokens.problem
}

t.test('parameters are found where the server would see none of its own words', async t => {
  const found: [Dialect | 'both', string, string[] | RegExp][] = [
    ['both', 'SELECT :a, f(:b_2)+:C', ['a', 'b_2', 'C']],
    ['both', "SELECT ':a', 'it''s :a', :b", ['b']],
    ['both', 'SELECT /* :a \' */ :b', ['b']],
    ['both', 'SELECT :b -- it\'s :a', ['b']],
    ['both', 'SELECT :b -- :a\n, :c', ['b', 'c']],
    ['both', 'SELECT f(x := :a)', ['a']],
    ['both', 'SELECT x:a', ['a']],
    ['both', "SELECT 'open :a", /quote .* does not end/],
    ['both', 'SELECT "open :a', /quote .* does not end/],
    ['both', 'SELECT /* open :a', /comment .* does not end/],
    ['both', 'SELECT \0', /U\+0000/],
    ['postgres', 'SELECT :a::text, \'1\'::int, x :: int', ['a']],
    ['postgres', 'SELECT "a "":b", \'\\\', :c, \'\'', ['c']],
    ['postgres', "SELECT E'\\':a', e'\\\\', :b", ['b']],
    ['postgres', "SELECT E'x'\n  '\\':a', :b", ['b']],
    ['postgres', "SELECT type'\\', :b, ''", ['b']],
    ['postgres', 'SELECT $$ :a \' $$, $q$ :b $$ $Q$ $q$, :c', ['c']],
    ['postgres', 'SELECT a$b$c, :d, e$b$', ['d']],
    ['postgres', 'SELECT $$ open :a', /quote .* does not end/],
    ['postgres', 'SELECT /* a /* :b */ :c */ :d', ['d']],
    ['postgres', 'SELECT $1, :a', /have names here/],
    ['postgres', 'SELECT a ? :key, a[1 : 2], `:b`', ['key', 'b']],
    ['postgres', 'SELECT 1 --:a\r, :b # :c', ['b', 'c']],
    ['mysql', "SELECT '\\':a', \"\\\":b\", \"c\"\":d\", :e", ['e']],
    ['mysql', 'SELECT `a:b```, :c', ['c']],
    ['mysql', 'SELECT :a # :b \'\n, :c', ['a', 'c']],
    ['mysql', 'SELECT 1--:a', ['a']],
    ['mysql', 'SELECT 1--\u0001:a\n, :b', ['b']],
    ['mysql', 'SELECT /* a /* :b */ :c', ['c']],
    ['mysql', 'SELECT /*! :b */ 1', /server executes/],
    ['mysql', 'SELECT /*M!100100 :b */ 1', /server executes/],
    ['mysql', 'SELECT ?, :a', /there is no \?/],
    ['mysql', "SELECT '?', :a -> '$.b'", ['a']],
    ['mysql', 'SELECT `open :a', /quote .* does not end/]
  ]
  for (const [dialects, sql, expected] of found) {
    for (const dialect of dialects === 'both' ? ['postgres', 'mysql'] as const : [dialects]) t.match(parametersIn(sql, dialect), expected, `${dialect}: ${sql}`)
  }
})

t.test('of any pieces of SQL, only the parameters are taken for such', async t => {
  const inner = fc.string({ unit: fc.constantFrom(':a', ':', 'x', ' ', '\n', '-', '#', '$', '?', '"', "'", '`', '\\', '/', '*', 'ü', '😀'), maxLength: 8 })
  const parameter = fc.constantFrom(':one', ':two_2', ':Three').map(sql => ({ sql, names: [sql.slice(1)] }))
  const none = (pieces: fc.Arbitrary<string>) => pieces.map(sql => ({ sql, names: new Array<string>() }))
  const either = [parameter, none(fc.constantFrom('word', 'a1', '12.5e3', '(', ')', ',', '=', '::', ':=', '+'))]
  const pieces: Record<Dialect, fc.Arbitrary<{ sql: string, names: string[] }>> = {
    postgres: fc.oneof(
      ...either,
      none(inner.map(text => `'${text.replaceAll("'", "''")}'`)),
      none(inner.map(text => `E'${text.replaceAll(/['\\]/g, '\\$&')}'`)),
      none(inner.map(text => `"${text.replaceAll('"', '""')}"`)),
      none(inner.map(text => `$tag$${text.replaceAll('$', '')}$tag$`)),
      none(inner.map(text => `$$${text.replaceAll('$', '')}$$`)),
      none(inner.map(text => `--${text.replaceAll('\n', '')}\n`)),
      none(inner.map(text => `/*${text.replaceAll(/[*/]/g, '')}/* :b */*/`))
    ),
    mysql: fc.oneof(
      ...either,
      none(inner.map(text => `'${text.replaceAll(/['\\]/g, '\\$&')}'`)),
      none(inner.map(text => `"${text.replaceAll('\\', '\\\\').replaceAll('"', '""')}"`)),
      none(inner.map(text => `\`${text.replaceAll('`', '``')}\``)),
      none(inner.map(text => `-- ${text.replaceAll('\n', '')}\n`)),
      none(inner.map(text => `#${text.replaceAll('\n', '')}\n`)),
      none(inner.map(text => `/*${text.replaceAll(/[*/]/g, '')}*/`))
    )
  }
  for (const dialect of ['postgres', 'mysql'] as const) {
    fc.assert(fc.property(fc.array(pieces[dialect], { maxLength: 12 }), all => {
      const sql = all.map(({ sql }) => sql).join(' ')
      assert.deepEqual(parametersIn(sql, dialect), all.flatMap(({ names }) => names), sql)
    }), { numRuns: 2_000 })
  }
  t.pass()
})

const read = async (target: string) => {
  const document = new RelayDocument('baton.yaml', `targets:\n  a:\n    url: ${target.includes('type: mysql') ? 'mysql://u:p@h/d' : 'embedded'}\n    ${target.replaceAll('\n', '\n    ')}\n`, name => name === 'SECRET' ? 'secret' : undefined)
  await readTargets(document)
  return { problems: document.problems, warnings: document.warnings }
}

t.test('what is wrong with statements is told with its place, all of it at once', async t => {
  const { problems } = await read(`type: postgres
statements:
  - commands: [Group.CallbackAfterCreateTopic]
    sql: INSERT INTO topics VALUES (:topic, :titl)
    parameters: { topic: /TopicId, title: /Name, at: event:tme, who: element/Member_Account, bad: TopicId, path: /A//B, star: /A/*/B, tilde: /A~2 }
  - commands: [Group.CallbackAfterCreateTopic]
    sql: |
      DELETE FROM topics;
      DROP TABLE topics
    forEach: /
  - commands: [Group.CallbackAfterCreateTopic]
    sql: "CREATE TABLE a (b int)"
  - commands: [Group.CallbackAfterCreateTopic]
    sql: "UPDATE t SET x = 'open"
  - commands: [Group.CallbackAfterCreateTopic]
    sql: COMMIT
  - commands: [Group.CallbackAfterCreateTopic]
    sql: |
      -- nothing
      SELECT f(:a)
    parameters: { a: { from: /A, default: 12345678901234567890 } }
  - commands: [Group.CallbackAfterCreateTopic]
    sql: "-- nothing"`)
  const expected = [
    /^baton\.yaml:7:49 targets\.a\.statements\[0\]\.sql: parameters does not tell what :titl is; did you mean title\?$/,
    /parameters\.title: no :title stands in sql; did you mean titl\?/,
    /parameters\.at: there is no such place; did you mean event:time\?/,
    /parameters\.at: no :at stands/,
    /parameters\.who: there is no element without forEach/,
    /parameters\.who: no/,
    /parameters\.bad: there is no such place; it is \/Name, element\/Name within forEach, query:NAME, or event:id/,
    /parameters\.bad: no/,
    /parameters\.path: a path is written \/Name/,
    /parameters\.path: no/,
    /parameters\.star: a path leads to one place; forEach/,
    /parameters\.star: no/,
    /parameters\.tilde: ~ is written ~0/,
    /parameters\.tilde: no/,
    /^baton\.yaml:11:29 targets\.a\.statements\[1\]\.sql: is more than one statement; make an entry of each$/,
    /statements\[1\]\.forEach: a path is written/,
    /statements\[2\]\.sql: a statement begins with INSERT, UPDATE, DELETE, MERGE, WITH, SELECT; what creates tables/,
    /^baton\.yaml:17:32 targets\.a\.statements\[3\]\.sql: the quote that begins here does not end$/,
    /statements\[4\]\.sql: a statement begins with/,
    /statements\[5\]\.parameters\.a\.default: is a larger integer than can be read exactly; write it in quotes/,
    /statements\[6\]\.sql: is no statement/
  ]
  for (const [at, problem] of problems.entries()) t.match(problem, expected[at])
  t.equal(problems.length, expected.length)
})

t.test('a statement that fits may have a semicolon at its end, comments, and no parameters', async t => {
  t.same(await read('type: mysql\nstatements: [{ commands: ["Group.*"], sql: "REPLACE INTO t VALUES (1); -- done" }]'), { problems: [], warnings: [] })
  t.match(await read('type: mysql\nstatements: [{ commands: ["Group.*"], sql: "MERGE INTO t" }, { commands: ["Group.*"], sql: "SELECT ?" }]'), { problems: { length: 2 } })
})

t.test('commands and fields that the documentation does not know are warned of', async t => {
  const { problems, warnings } = await read(`type: postgres
statements:
  - commands: [Group.CallbackAfterCreateTopik, "Own.*"]
    sql: SELECT f(:a)
    parameters: { a: /TopicId }
  - commands: [Group.CallbackAfterNewMemberJoin]
    sql: SELECT f(:a, :b, :c, :d, :e)
    forEach: /NewMemberList
    parameters: { a: /GroupID, b: element/Member_Acount, c: element/Member_Account, d: /GroupId, e: /NewMemberList/0/Member_Account }
  - commands: ["Group.CallbackAfter*"]
    sql: SELECT f(:a, :b)
    parameters: { a: /MsgBody/0/MsgContent/Whatever, b: { from: /TopicIdList/0 } }`)
  t.same(problems, [])
  t.match(warnings, [
    /^baton\.yaml:\d+:\d+ targets\.a\.statements\[0\]\.commands\[0\]: Group\.CallbackAfterCreateTopik matches no command that Baton knows; did you mean Group\.CallbackAfterCreateTopic\?/,
    /commands\[1\]: Own\.\* matches no command/,
    /statements\[1\]\.parameters\.a: no command that is meant has \/GroupID by its documentation; did you mean GroupId\?/,
    /statements\[1\]\.parameters\.b: no command that is meant has \/Member_Acount/
  ])
  t.equal(warnings.length, 4)
})

t.test('MySQL gets runs in a row that insert single rows as one statement, where that means the same', async t => {
  const textsOf = (sql: string, runs: number, parameters = { a: '/A', b: '/B' }, others: StatementSettings[] = []) => {
    const { statements: [statement], problems } = readStatements([{ commands: ['*'], sql, parameters }, ...others], 'mysql')
    assert.deepEqual(problems, [])
    if (statement === undefined) throw new Error('there is one')
    return groupedRuns(Array.from({ length: runs }, (_, at) => ({ statement, values: [String(at), null] }))).map(({ text, values }) => `${values.length} ${text.replaceAll(/\s+/g, ' ')}`)
  }
  t.same(textsOf('INSERT INTO t (a, b) VALUES (:a, :b);', 7), ['8 INSERT INTO t (a, b) VALUES ( ? , ? ), ( ? , ? ), ( ? , ? ), ( ? , ? )', '4 INSERT INTO t (a, b) VALUES ( ? , ? ), ( ? , ? )', '2 INSERT INTO t (a, b) VALUES ( ? , ? )'])
  t.same(textsOf("replace into t value (:a, 'x:y', 1, NULL, :b) ", 2), ["4 replace into t value ( ? , 'x:y', 1, NULL, ? ), ( ? , 'x:y', 1, NULL, ? )"])
  t.same(textsOf('INSERT INTO t VALUES (:a, :b) ON DUPLICATE KEY UPDATE b = VALUES(b) -- :a', 2), ['4 INSERT INTO t VALUES ( ? , ? ), ( ? , ? ) ON DUPLICATE KEY UPDATE b = VALUES(b)'])
  t.equal(textsOf('INSERT INTO t (a, b) VALUES (:a, :b)', 500).length, 10)
  for (const sql of [
    'INSERT INTO t VALUES (:a, NOW(), :b)', 'INSERT INTO t VALUES (:a, 1), (:b, 2)', 'INSERT INTO t VALUES (:a, 1) ON DUPLICATE KEY UPDATE b = :b', 'INSERT INTO t SELECT :a, :b',
    'INSERT INTO t SET a = :a, b = :b', 'UPDATE t SET a = :a WHERE b = :b', 'INSERT INTO t VALUES (:a, LAST_INSERT_ID(), :b)'
  ]) t.equal(textsOf(sql, 3).length, 3, sql)
  t.equal(textsOf('INSERT INTO t VALUES (:a, :b)', 3, undefined, [{ commands: ['*'], sql: 'INSERT INTO u SELECT last_insert_id()' }]).length, 3, 'somebody asks for the last id')
  const { statements: [statement] } = readStatements([{ commands: ['*'], sql: 'INSERT INTO t VALUES (:a)', parameters: { a: '/A' } }], 'mysql')
  if (statement === undefined) throw new Error('there is one')
  t.same(groupedRuns(Array.from({ length: 4 }, () => ({ statement, values: ['x'.repeat(200_000)] }))).map(({ values }) => values.length), [1, 1, 1, 1], 'what is long goes alone')
})

t.test('docs/own-tables.md tells of every fact, and of none that there is not', async t => {
  const [, table = ''] = /## Where values stand\n([^]*?)\n\n\*\*/.exec(readFileSync(new URL('../../../docs/own-tables.md', import.meta.url), 'utf8')) ?? []
  t.same([...table.matchAll(/`((?:event|element):\w+)`/g)].map(([, fact]) => fact).sort(), Object.keys(facts).sort())
})

// What follows runs against the databases.

const servers = { postgres: await postgresServer(t), mysql: await mariadbServer(t) }
const kinds: Kind[] = [...servers.postgres === undefined ? [] : [realPostgres(servers.postgres.url)], ...servers.mysql === undefined ? [] : [realMariadb(servers.mysql.url)], await embeddedPostgres(t)]

const deliver = async (target: Target, events: Event[]) => await target.deliver(events, { signal: AbortSignal.timeout(20_000), attempt: 1 })
const kindsOf = (outcomes: { kind: string }[]) => outcomes.map(({ kind }) => kind)
const created = 'Group.CallbackAfterCreateTopic'
const topic = (TopicId: string, Name: string, rest: Partial<Omit<Event, 'command' | 'body'>> = {}) => anEvent({ command: created, body: { TopicId, Name }, ...rest })
const rowsIn = async ({ query }: Database, from: string) => (await query(`SELECT * FROM ${from}`)).map(row => Object.values(row).map(value => value === null ? null : String(value)))

const opened = (t: Parameters<typeof openTarget>[0], database: Database, ...statements: StatementSettings[]) => openTarget(t, database, { tables: 'none', statements })
const insertTopic: StatementSettings = { commands: [created], sql: 'INSERT INTO topics (id, title) VALUES (:id, :title)', parameters: { id: '/TopicId', title: '/Name' } }

for (const kind of kinds) {
  const isMysql = kind.type === 'mysql'
  const upsert = (columns: string) => isMysql ? `ON DUPLICATE KEY UPDATE ${columns}` : `ON CONFLICT (id) DO UPDATE SET ${columns.replaceAll(/VALUES\((\w+)\)/g, 'excluded.$1').replaceAll(/= n \+/g, '= titles.n +')}`

  t.test(`${kind.name}: a statement runs once for each event that is new, whatever repeats come`, async t => {
    const database = await kind.fresh(t)
    await database.query('CREATE TABLE topics (id varchar(100), title varchar(100))')
    const [one, other] = [opened(t, database, insertTopic), opened(t, database, insertTopic)]
    const event = topic('t1', 'first')
    t.strictSame(kindsOf(await deliver(one, [event, { ...event, receivedAt: 1 }, anEvent()])), ['delivered', 'delivered', 'delivered'])
    t.strictSame(kindsOf(await deliver(one, [event])), ['delivered'])
    const more = Array.from({ length: 40 }, (_, at) => topic(`many${at}`, 'x'))
    const outcomes = await Promise.all([deliver(one, more), deliver(other, more.toReversed())])
    t.strictSame(new Set(kindsOf(outcomes.flat())), new Set(['delivered']))
    t.strictSame(await rowsIn(database, "topics WHERE id = 't1'"), [['t1', 'first']])
    t.equal(await count(database, 'topics'), 41)
    t.equal(await count(database, 'chat_event'), 42)
  })

  t.test(`${kind.name}: an event whose statement fails is rejected alone, and leaves nothing behind`, async t => {
    const database = await kind.fresh(t)
    await database.query('CREATE TABLE topics (id varchar(100) PRIMARY KEY, title varchar(100) NOT NULL)')
    await database.query('CREATE TABLE seen (id varchar(100))')
    const target = openTarget(t, database, { statements: [{ commands: ['Group.*'], sql: 'INSERT INTO seen (id) VALUES (:id)', parameters: { id: 'event:id' } }, insertTopic] })
    await deliver(target, [topic('taken', 'before')])
    const poison = anEvent({ command: created, body: { GroupId: 'secret-club', TopicId: 'taken', Name: 'secret' } })
    const good = [topic('a', 'x'), topic('b', 'x'), anEvent()]

    const outcomes = await deliver(target, [...good.slice(0, 1), poison, ...good.slice(1)])

    t.match(outcomes, [{ kind: 'delivered' }, { kind: 'reject', code: isMysql ? 'mysql_1062' : 'pg_23505', reason: /^statements\[1\]: / }, { kind: 'delivered' }, { kind: 'delivered' }])
    t.notMatch(JSON.stringify(outcomes), /secret|taken/, 'the reason holds no values')
    const kept = await receiptsIn(database)
    t.notOk(poison.id in kept)
    t.strictSame(good.filter(({ id }) => !(id in kept)), [])
    t.equal(await count(database, `seen WHERE id = '${poison.id}'`), 0)
    t.equal(await count(database, "chat_topic WHERE group_id = 'secret-club'"), 0)
    t.equal(await count(database, 'seen'), 4)
    t.match(await deliver(target, [anEvent({ command: created, body: { TopicId: 'null', Name: undefined } })]), [{ kind: 'reject', code: isMysql ? 'mysql_1048' : 'pg_23502' }])
  })

  t.test(`${kind.name}: values are bound with their type and every digit, and stay values`, async t => {
    const database = await kind.fresh(t)
    const columns = { id: 'varchar(100)', name: 'varchar(200)', missing: 'varchar(10)', instead: 'varchar(10)', big: 'bigint', exact: isMysql ? 'decimal(40,10)' : 'numeric', flag: 'boolean', whole: isMysql ? 'longtext' : 'json', list: 'varchar(200)', app: 'bigint', at: isMysql ? 'datetime(3)' : 'timestamptz', version: 'varchar(200)', os: 'varchar(200)', key1: 'varchar(100)', deep: 'varchar(100)' }
    await database.query(`CREATE TABLE everything (${Object.entries(columns).map(([name, type]) => `${name} ${type}`).join(', ')})${isMysql ? ' CHARACTER SET utf8mb4' : ''}`)
    const names = Object.keys(columns)
    const target = opened(t, database, {
      commands: [created],
      sql: `INSERT INTO everything (${names.join(', ')}) VALUES (${names.map(name => `:${name}`).join(', ')})`,
      parameters: {
        id: '/TopicId',
        name: '/Name',
        missing: '/Nowhere/1/else',
        instead: { from: '/Null', default: 'x' },
        big: '/Big',
        exact: '/Exact',
        flag: '/Flag',
        whole: 'event:body',
        list: '/List',
        app: 'event:app',
        at: 'event:time',
        version: 'event:version',
        os: 'query:OptPlatform',
        key1: { from: '/constructor', default: false },
        deep: '/List/2/a~1b'
      }
    })
    const hostile = '\'"`;-- :id $1 ? \\ %_ {"a": 1} \u{1F600} \n\t /*'
    const body = `{"TopicId":"t1","Name":${JSON.stringify(hostile)},"Null":null,"Big":9007199254740993,"Exact":12345678901234567890.1234567800,"Flag":true,"List":[1, 12345678901234567890, {"a/b":"deep"}]}`
    const event: Event = { ...anEvent({ command: created, eventTime: 1_700_000_000_123, query: 'OptPlatform=a%00%F0%9F%98%80&OptPlatform=b' }), body: Buffer.from(body) }
    t.strictSame(kindsOf(await deliver(target, [event])), ['delivered'])

    const [row] = await database.query(`SELECT id, name, missing, instead, ${isMysql ? 'big' : 'big::text'} AS big, ${isMysql ? 'exact' : 'exact::text'} AS exact, ${isMysql ? 'flag' : 'flag::text'} AS flag, ${kind.json('whole')} AS whole, list, ${kind.milliseconds('at')} AS at, version, os, key1, deep FROM everything`)
    t.strictSame({ ...row, list: String(row?.list).replaceAll(' ', '') }, {
      id: 't1',
      name: hostile,
      missing: null,
      instead: 'x',
      big: '9007199254740993',
      exact: '12345678901234567890.1234567800',
      flag: isMysql ? '1' : 'true',
      whole: body,
      list: '[1,12345678901234567890,{"a/b":"deep"}]',
      at: '1700000000123',
      version: `001700000000123.0000 ${event.id}`,
      os: 'a\uFFFD\u{1F600}',
      key1: isMysql ? '0' : 'false',
      deep: 'deep'
    })
    const odd: Event = { ...anEvent({ command: created }), body: Buffer.from('{"TopicId":"\\u0000\\ud800","Name":1e3,"Big":18446744073709551615}') }
    t.match(await deliver(target, [odd]), [{ kind: 'reject', code: isMysql ? 'mysql_1264' : 'pg_22003', reason: /^statements\[0\]: / }], 'a number that its column does not hold')
    const mended: Event = { ...anEvent({ command: created }), body: Buffer.from('{"TopicId":"\\u0000\\ud800","Name":1e3,"Big":-5.0}') }
    t.strictSame(kindsOf(await deliver(target, [mended])), ['delivered'])
    t.strictSame(await rowsIn(database, '(SELECT id, name, big FROM everything WHERE name = \'1000\') AS odd'), [['\uFFFD\uFFFD', '1000', '-5']])
    t.strictSame(kindsOf(await deliver(opened(t, database, { commands: [created], sql: 'UPDATE everything SET name = :name WHERE big = :big', parameters: { name: '/Name', big: '/Big' } }), [
      { ...anEvent({ command: created }), body: Buffer.from('{"Name":"found","Big":9007199254740993}') }, { ...anEvent({ command: created }), body: Buffer.from('{"Name":"wrong","Big":9007199254740992}') }
    ])), ['delivered', 'delivered'])
    t.equal(await count(database, "everything WHERE name = 'found'"), 1, 'numbers are compared as what they are')
    t.equal(await count(database, "everything WHERE name = 'wrong'"), 0)
  })

  t.test(`${kind.name}: forEach runs a statement for each element, in their order`, async t => {
    const database = await kind.fresh(t)
    await database.query('CREATE TABLE joined (grp varchar(100), account varchar(100), nth int)')
    const joined = 'Group.CallbackAfterNewMemberJoin'
    const target = opened(t, database,
      { commands: [joined], forEach: '/NewMemberList', sql: 'INSERT INTO joined (grp, account, nth) VALUES (:grp, :account, :nth)', parameters: { grp: '/GroupId', account: 'element/Member_Account', nth: 'element:index' } },
      { commands: ['Group.CallbackAfterTopicDestroyed'], forEach: '/TopicIdList', sql: 'INSERT INTO joined (grp, account) VALUES (:grp, :id)', parameters: { grp: '/GroupId', id: 'element' } })
    const list = (GroupId: string, NewMemberList: unknown) => anEvent({ command: joined, body: { GroupId, NewMemberList } })
    const members = Array.from({ length: 21 }, (_, at) => ({ Member_Account: `m${at}` }))
    const destroyed = (TopicIdList: unknown) => anEvent({ command: 'Group.CallbackAfterTopicDestroyed', body: { GroupId: 'd', TopicIdList } })
    const tooMany = list('many', new Array(mostElements + 1).fill(1))
    const outcomes = await deliver(target, [list('g', members), list('none', []), list('null', null), list('absent', undefined), list('odd', [7, { Member_Account: 'x' }, null]), destroyed(['a', 'b']), destroyed('c'), tooMany])
    t.strictSame(kindsOf(outcomes), [...new Array(7).fill('delivered'), 'reject'])
    t.match(outcomes[7], { code: 'statement_too_long_list', reason: /statements\[0\]/ })
    t.strictSame(await rowsIn(database, "joined WHERE grp = 'g' ORDER BY nth"), members.map(({ Member_Account: account }, at) => ['g', account, String(at)]))
    t.strictSame(await rowsIn(database, "joined WHERE grp = 'odd' ORDER BY nth"), [['odd', null, '0'], ['odd', 'x', '1'], ['odd', null, '2']])
    t.strictSame(await rowsIn(database, "joined WHERE grp = 'd' ORDER BY account"), ['a', 'b', 'c'].map(id => ['d', id, null]), 'a text instead of a list counts as a list of it')
    t.equal(await count(database, 'joined'), 27)
  })

  t.test(`${kind.name}: statements that do not fit are told of before the first delivery, all at once, and go on when they do`, async t => {
    const database = await kind.fresh(t)
    const target = opened(t, database, insertTopic, { commands: [created], sql: 'SELECT 1' }, { commands: [created], sql: 'UPDATE topics SET nothing = :a', parameters: { a: '/Name' } })
    const unfit = { kind: 'retry', slow: true, code: 'statement_unfit', reason: /^statements\[0\]: .*topics.*\((pg_42P01|mysql_1146)\); statements\[2\]: .*\. Create or grant what is missing/ }
    t.match(await deliver(target, [topic('a', 'x'), anEvent()]), [unfit, unfit])
    t.match(await target.test?.({ signal: AbortSignal.timeout(20_000), appId: 1, id: 'evt_test' }), unfit)
    await database.query('CREATE TABLE topics (id varchar(100), title varchar(100))')
    t.match(await deliver(target, [topic('a', 'x')]), [{ kind: 'retry', slow: true, code: 'statement_unfit', reason: /^statements\[2\]: .*nothing.*\((pg_42703|mysql_1054)\)\./ }])
    await database.query('ALTER TABLE topics ADD COLUMN nothing varchar(100)')
    t.strictSame(await target.test?.({ signal: AbortSignal.timeout(20_000), appId: 1, id: 'evt_test' }), { kind: 'delivered' })
    t.equal(await count(database, 'chat_event'), 0)
    t.strictSame(kindsOf(await deliver(target, [topic('a', 'x')])), ['delivered'])
    t.strictSame(await rowsIn(database, 'topics'), [['a', 'x', 'x']])

    await database.query('DROP TABLE topics')
    t.match(await deliver(target, [topic('b', 'x'), anEvent()]), [{ kind: 'retry', code: isMysql ? 'mysql_1146' : 'pg_42P01', reason: /^statements\[0\]: something that it names is not there/ }, { kind: 'delivered' }], 'what is gone later holds up nobody else')
    t.match(await deliver(target, [topic('b', 'x')]), [unfit])
    await database.query('CREATE TABLE topics (id varchar(100), title varchar(100), nothing varchar(100))')
    t.strictSame(kindsOf(await deliver(target, [topic('b', 'x')])), ['delivered'])
    t.equal(await count(database, 'topics'), 1)
  })

  t.test(`${kind.name}: an event that makes a statement name what is not there holds up nobody else`, async t => {
    if (isMysql) return t.pass('no value names anything there')
    const database = await kind.fresh(t)
    await database.query('CREATE TABLE topics (id regclass)')
    const target = opened(t, database, { commands: [created], sql: 'INSERT INTO topics (id) VALUES (:id)', parameters: { id: '/Name' } })
    const [good, poison] = [topic('a', 'topics'), topic('b', 'nowhere')]
    for (let round = 0; round < 2; round++) {
      const outcomes = await deliver(target, [good, poison, anEvent()])
      t.match(outcomes, [{ kind: 'delivered' }, { kind: 'retry', code: 'pg_42P01', slow: undefined }, { kind: 'delivered' }])
      t.notMatch(JSON.stringify(outcomes), /nowhere/, 'the reason holds no values')
    }
    t.equal(await count(database, 'topics'), 1)
  })

  t.test(`${kind.name}: any mix of events leaves what the statements leave one after another`, async t => {
    const database = await kind.fresh(t)
    await database.query('CREATE TABLE titles (id varchar(20) PRIMARY KEY, title varchar(100), n int)')
    await database.query(`CREATE TABLE steps (nth ${isMysql ? 'int AUTO_INCREMENT' : 'serial'} PRIMARY KEY, event varchar(100), about varchar(20))`)
    const settings: StatementSettings[] = [
      { commands: [created], sql: `INSERT INTO titles (id, title, n) VALUES (:id, :title, 1) ${upsert('title = VALUES(title), n = n + 1')}`, parameters: { id: '/TopicId', title: '/Name' } },
      { commands: ['Group.CallbackAfterTopicInfoChanged'], sql: 'UPDATE titles SET title = :title WHERE id = :id', parameters: { id: '/TopicId', title: { from: '/Name', default: 'none' } } },
      { commands: ['Group.CallbackAfterTopicDestroyed'], forEach: '/TopicIdList', sql: 'DELETE FROM titles WHERE id = :id', parameters: { id: 'element' } },
      { commands: ['Group.CallbackAfterTopicDestroyed'], forEach: '/TopicIdList', sql: 'INSERT INTO steps (event, about) VALUES (:event, :id)', parameters: { event: 'event:id', id: 'element' } }
    ]
    const target = opened(t, database, ...settings)
    await deliver(target, [anEvent()]) // creates the tables
    const id = fc.constantFrom('a', 'b', 'c')
    const happening = fc.record({
      id: fc.nat(40).map(number => `evt_${number}`),
      command: fc.constantFrom<KnownCommand>(created, created, 'Group.CallbackAfterTopicInfoChanged', 'Group.CallbackAfterTopicDestroyed', 'Group.CallbackAfterSendMsg'),
      body: fc.record({ TopicId: id, Name: fc.option(fc.constantFrom('', 'one', "it's :two"), { nil: undefined }), TopicIdList: fc.array(id, { maxLength: 3 }) })
    })
    await fc.assert(fc.asyncProperty(fc.array(fc.array(happening, { minLength: 1, maxLength: 8 }), { maxLength: 5 }), async batches => {
      for (const table of ['titles', 'steps', 'chat_event']) await database.query(`DELETE FROM ${table}`)
      const seen = new Set<string>()
      const titles = new Map<string, [string | null, number]>()
      const steps: (string | null)[][] = []
      for (const batch of batches) {
        assert.deepEqual(new Set(kindsOf(await deliver(target, batch.map(happening => anEvent(happening))))), new Set(['delivered']))
        for (const { id: event, command, body: { TopicId, Name, TopicIdList } } of batch) {
          if (seen.has(event)) continue
          seen.add(event)
          if (command === created) titles.set(TopicId, [Name ?? null, (titles.get(TopicId)?.[1] ?? 0) + 1])
          if (command === 'Group.CallbackAfterTopicInfoChanged' && titles.has(TopicId)) titles.set(TopicId, [Name ?? 'none', titles.get(TopicId)?.[1] ?? 0])
          if (command === 'Group.CallbackAfterTopicDestroyed') {
            for (const about of TopicIdList) {
              titles.delete(about)
              steps.push([event, about])
            }
          }
        }
      }
      assert.deepEqual(await rowsIn(database, 'titles ORDER BY id'), [...titles].sort().map(([id, [title, n]]) => [id, title, String(n)]))
      assert.deepEqual(await rowsIn(database, '(SELECT event, about, nth FROM steps) AS told ORDER BY nth').then(rows => rows.map(row => row.slice(0, 2))), steps)
    }), { numRuns: kind.runs, interruptAfterTimeLimit: 15_000, ...process.env.FC_SEED !== undefined && { seed: Number(process.env.FC_SEED) } })
  })

  t.test(`${kind.name}: with event:version the order of events does not matter`, async t => {
    const database = await kind.fresh(t)
    await database.query('CREATE TABLE topics (id varchar(100) PRIMARY KEY, title varchar(100), version varchar(100))')
    const sql = isMysql
      ? 'INSERT INTO topics (id, title, version) VALUES (:id, :title, :version) ON DUPLICATE KEY UPDATE title = IF(VALUES(version) > version, VALUES(title), title), version = GREATEST(version, VALUES(version))'
      : 'INSERT INTO topics (id, title, version) VALUES (:id, :title, :version) ON CONFLICT (id) DO UPDATE SET title = excluded.title, version = excluded.version WHERE excluded.version > topics.version'
    const target = opened(t, database, { commands: [created], sql, parameters: { id: '/TopicId', title: '/Name', version: 'event:version' } })
    const events = ['first', 'second', 'third'].map((Name, at) => topic('t', Name, { eventTime: 1_000 + at }))
    for (const order of [[0, 1, 2], [2, 1, 0], [1, 2, 0]]) {
      await deliver(target, [anEvent()])
      for (const table of ['topics', 'chat_event']) await database.query(`DELETE FROM ${table}`)
      t.strictSame(kindsOf(await deliver(target, order.flatMap(at => events[at] ?? []))), ['delivered', 'delivered', 'delivered'])
      t.match(await rowsIn(database, 'topics'), [['t', 'third', String]])
    }
  })

  t.test(`${kind.name}: statements see what a mask leaves`, async t => {
    const database = await kind.fresh(t)
    await database.query('CREATE TABLE topics (id varchar(100), title varchar(100))')
    const target = maskedTarget(opened(t, database, insertTopic), maskOf([{ field: '/Name', action: 'drop' }, { field: '/TopicId', action: 'hash' }], 'a key of enough length'))
    t.strictSame(kindsOf(await deliver(target, [topic('secret', 'secret')])), ['delivered'])
    t.match(await rowsIn(database, 'topics'), [[/^[0-9a-f]{64}$/, null]])
  })
}

t.test('what the user may not do is told before the first delivery', async t => {
  for (const kind of kinds.filter(({ name }) => name !== 'embedded PostgreSQL')) {
    const database = await kind.fresh(t)
    const { host, pathname } = new URL(database.url)
    const isMysql = kind.type === 'mysql'
    await database.query('CREATE TABLE topics (id varchar(100), title varchar(100))')
    await database.query(isMysql ? "CREATE USER reader@'%' IDENTIFIED BY 'reader'" : "CREATE ROLE reader LOGIN PASSWORD 'reader'")
    await deliver(openTarget(t, database), [anEvent()])
    for (const table of ['baton_migration', 'chat_event', 'chat_group', 'chat_topic', 'chat_group_member']) await database.query(`GRANT SELECT, INSERT, UPDATE ON ${table} TO reader`)
    await database.query('GRANT SELECT ON topics TO reader')
    const target = openTarget(t, { kind, url: `${isMysql ? 'mysql' : 'postgres'}://reader:reader@${host}${pathname}` }, { statements: [insertTopic] })
    t.match(await deliver(target, [topic('a', 'x')]), [{ kind: 'retry', slow: true, code: 'statement_unfit', reason: /^statements\[0\]: .*(permission denied|denied to user).*\. Create or grant/ }], kind.name)
    await database.query('GRANT INSERT ON topics TO reader')
    t.strictSame(kindsOf(await deliver(target, [topic('a', 'x')])), ['delivered'])
  }
})

for (const kind of kinds) {
  const server = servers[kind.type]
  if (server === undefined || kind.name === 'embedded PostgreSQL') continue
  const isMysql = kind.type === 'mysql'

  targetContract(t, `${kind.name} with statements`, async (t: Test) => {
    const database = await kind.fresh(t)
    await database.query('CREATE TABLE arrived (id varchar(200), account varchar(255))')
    let stopping = false
    let hangs: (() => void) | undefined
    // A prepared statement is sent once for each connection, and then its number.
    const isRun = (text: string) => isMysql ? text.includes('INSERT INTO chat_event') : text.includes('INSERT INTO arrived') && !text.includes('EXPLAIN')
    const url = await proxy(t, database.url, async text => {
      if (hangs !== undefined && isRun(text)) {
        hangs()
        hangs = undefined
        await new Promise(() => {})
      }
      if (stopping && isRun(text)) {
        stopping = false
        await server.stop()
      }
      return 'pass'
    })
    const statements = [{ commands: ['*'], sql: 'INSERT INTO arrived (id, account) VALUES (:id, :account)', parameters: { id: 'event:id', account: '/Poison' } }]
    return {
      open: ({ log, concurrency }) => unclosed({ kind, url }, { log, concurrency, tables: 'none', statements }),
      together: 500,
      arrived: async () => new Set((await rowsIn(database, 'arrived')).map(([id]) => String(id))),
      poisoned: () => anEvent({ body: { Poison: 'x'.repeat(256) } }),
      hang: async () => { await new Promise<void>(resolve => { hangs = resolve }) },
      server: { stopMidway: async () => { stopping = true }, start: server.start }
    }
  })

  t.test(`${kind.name}: workers whose statements meet on the same rows lose no event, and run none twice`, async t => {
    const database = await kind.fresh(t)
    const ids = Array.from({ length: 60 }, (_, at) => `t${at}`)
    await database.query('CREATE TABLE counts (id varchar(100) PRIMARY KEY, n int NOT NULL)')
    await database.query(`INSERT INTO counts VALUES ${ids.map(id => `('${id}', 0)`).join(', ')}`)
    const statement = { commands: [created], sql: 'UPDATE counts SET n = n + 1 WHERE id = :id', parameters: { id: '/TopicId' } }
    const codes = new Set<string>()
    await Promise.all([ids, ids.toReversed(), ids.toSorted()].map(async order => {
      const target = opened(t, database, statement)
      for (let events = order.map(id => topic(id, 'x')); events.length > 0;) {
        const outcomes = await deliver(target, events)
        for (const outcome of outcomes) if (outcome.kind !== 'delivered') codes.add(`${outcome.kind} ${outcome.code}`)
        events = events.filter((_, at) => outcomes[at]?.kind === 'retry')
      }
    }))
    t.strictSame([...codes].filter(code => !['retry pg_40P01', 'retry mysql_1213', 'retry mysql_1205', 'retry mysql_1020', 'retry mysql_migrating'].includes(code)), [])
    t.strictSame(await rowsIn(database, 'counts WHERE n <> 3'), [])
    t.equal(await count(database, 'chat_event'), 180)
  })
}
