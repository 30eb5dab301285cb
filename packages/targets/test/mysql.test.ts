import type { Event } from '@baton/contracts'
import { anEvent, mariadbServer } from '@baton/testing'
import t from 'tap'
import { connectionOfUrl, problemOfUrl } from '../src/mysql/connection-of-url.ts'
import { troubleOfError } from '../src/mysql/trouble-of-error.ts'
import type { Target } from '../src/target.ts'
import { contentsOf, openTarget, realMariadb, withDatabase } from './sql/databases.ts'

// What is peculiar to MySQL and MariaDB; all that holds for every database is in sql.test.ts.

const server = await mariadbServer(t)
const kind = server && realMariadb(server.url)

const deliver = async (target: Target, events: Event[]) => await target.deliver(events, { signal: AbortSignal.timeout(20_000), attempt: 1 })
const serverError = (errno: number, sqlState = 'HY000', sqlMessage = 'said') => Object.assign(new Error(sqlMessage), { errno, sqlState, sqlMessage })

t.test('errors are read by their number, then by their SQLSTATE', async t => {
  for (const errno of [1205, 1213, 1040, 1053, 1290, 1927]) t.match(troubleOfError(serverError(errno)), { with: 'target', outcome: { kind: 'retry', code: `mysql_${errno}`, slow: undefined } })
  for (const errno of [1045, 1049, 1146, 1153]) t.match(troubleOfError(serverError(errno)), { with: 'target', outcome: { kind: 'retry', slow: true } })
  for (const [errno, state] of [[1406, '22001'], [9_999, '23000'], [4025, 'HY000']] as const) t.match(troubleOfError(serverError(errno, state)), { with: 'events', outcome: { kind: 'reject' } })
  t.match(troubleOfError(serverError(1644, '45000')), { with: 'events', outcome: { kind: 'retry' } }, 'a trigger has the word')
  t.match(troubleOfError(serverError(9_998, '40001')), { with: 'target', outcome: { kind: 'retry' } })
  t.notMatch(JSON.stringify(troubleOfError(serverError(1062, '23000', "Duplicate entry 'secret' for key 'x'"))), 'secret')
  t.notMatch(JSON.stringify(troubleOfError(serverError(1064, '42000', "near 'secret'"))), 'secret')
})

t.test('an error without a code is a defect of ours, unless mysql2 says so of a lost connection', async t => {
  t.match(troubleOfError(new TypeError('read is not a function')), { with: 'events', outcome: { kind: 'retry', code: 'unexpected' } })
  t.match(troubleOfError('text'), { with: 'events', outcome: { code: 'unexpected' } })
  t.match(troubleOfError(Object.assign(new Error('lost'), { fatal: true })), { with: 'target', outcome: { code: 'network_broken' } })
  t.match(troubleOfError(Object.assign(new Error('late'), { code: 'PROTOCOL_SEQUENCE_TIMEOUT', fatal: true })), { with: 'target', outcome: { kind: 'retry' } })
})

t.test('a url is read here: none of its parameters reaches the driver', async t => {
  t.strictSame(connectionOfUrl('mysql://ann%40x:p%3Aw@db.example.com/chat?ssl-mode=VERIFY_IDENTITY'), { host: 'db.example.com', port: 3306, user: 'ann@x', password: 'p:w', database: 'chat', ssl: { rejectUnauthorized: true, verifyIdentity: true } })
  t.strictSame(connectionOfUrl('mariadb://a@[::1]:3307/chat'), { host: '::1', port: 3307, user: 'a', password: '', database: 'chat' })
  for (const [url, problem] of [['mysql://a@h', /database/], ['mysql://a@h/c?multipleStatements=true', /multipleStatements/], ['mysql://a@h/c?ssl-mode=MAYBE', /VERIFY_IDENTITY/], ['mysql://a:%@[h/c', /URL/]] as const) t.match(problemOfUrl(url), problem)
  t.equal(problemOfUrl('mysql://a@h/c?ssl-mode=REQUIRED'), undefined)
})

if (kind !== undefined) {
  t.test('what a person must mend is retried slowly, and the reason says what', async t => {
    const database = await kind.fresh(t)
    const { url, query } = database
    const { host, pathname } = new URL(url)
    await query("CREATE USER guest@'%' IDENTIFIED BY 'guest'")
    await query(`GRANT SELECT ON ${pathname.slice(1)}.* TO guest@'%'`)
    for (const [wrongUrl, code, reason] of [
      [`mysql://baton:wrong@${host}${pathname}`, 'mysql_1045', /url/],
      [withDatabase(url, 'nowhere'), 'mysql_1049', /'nowhere'.*create the database/],
      [`${url}?ssl-mode=REQUIRED`, 'tls_refused', /TLS/],
      [`mysql://guest:guest@${host}${pathname}`, 'mysql_1142', /denied.*CREATE/]
    ] as const) {
      const outcomes = await deliver(openTarget(t, { kind, url: wrongUrl }), [anEvent(), anEvent()])
      t.match(outcomes, [{ kind: 'retry', slow: true, code, reason }, { kind: 'retry', slow: true, code }], code)
      t.notMatch(JSON.stringify(outcomes), /wrong|secret/, 'no password in a reason')
    }
    await deliver(openTarget(t, database), [anEvent()])
    await query(`GRANT SELECT, INSERT, UPDATE ON ${pathname.slice(1)}.* TO guest@'%'`)
    t.match(await deliver(openTarget(t, { kind, url: `mysql://guest:guest@${host}${pathname}` }), [anEvent()]), [{ kind: 'delivered' }], 'needs no more than that once the tables are there')
  })

  t.test('a creation of the tables that was cut short is finished by the next', async t => {
    const database = await kind.fresh(t)
    await deliver(openTarget(t, database), [anEvent()])
    await database.query('DROP TABLE chat_topic, chat_group_member')
    await database.query('DELETE FROM baton_migration')
    t.match(await deliver(openTarget(t, database), [anEvent()]), [{ kind: 'delivered' }])
  })

  t.test('a time beyond what DATETIME knows is kept as the last one that it knows', async t => {
    const database = await kind.fresh(t)
    const far = (EventTime: number, Name: string) => anEvent({ body: { GroupId: 'g', EventTime, Name } })
    t.match(await deliver(openTarget(t, database), [far(999_999_999_999_999, 'later'), far(999_999_999_999_998, 'sooner')]), [{ kind: 'delivered' }, { kind: 'delivered' }])
    t.strictSame(await database.query(`SELECT ${kind.milliseconds('event_time')} AS at FROM chat_event`), [{ at: String(Date.UTC(10_000, 0) - 1) }, { at: String(Date.UTC(10_000, 0) - 1) }])
    t.match(await contentsOf(database), { chat_group: { g: { name: 'later' } } }, 'versions stay exact')
  })

  t.test('a server of a lax mode is held to the strict one, in which nothing is cut', async t => {
    const database = await kind.fresh(t)
    await database.query("SET GLOBAL sql_mode = 'NO_BACKSLASH_ESCAPES'")
    t.teardown(async () => { await database.query('SET GLOBAL sql_mode = DEFAULT') })
    const name = "it's \\ 'so'"
    t.match(await deliver(openTarget(t, database), [anEvent({ body: { GroupId: 'g', Name: name } }), anEvent({ body: { GroupId: 'x'.repeat(300) } })]), [{ kind: 'delivered' }, { kind: 'reject', code: 'mysql_1406' }])
    t.match(await contentsOf(database), { chat_group: { g: { name } } })
  })
}
