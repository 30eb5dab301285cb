import type { Event } from '@baton/contracts'
import { anEvent, postgresServer } from '@baton/testing'
import t from 'tap'
import { troubleOfError } from '../src/postgres/trouble-of-error.ts'
import type { Target } from '../src/target.ts'
import { openTarget, realPostgres, withDatabase } from './sql/databases.ts'

// What is peculiar to PostgreSQL; all that holds for every database is in sql.test.ts.

const server = await postgresServer(t)
const kind = server && realPostgres(server.url)

const deliver = async (target: Target, events: Event[]) => await target.deliver(events, { signal: AbortSignal.timeout(20_000), attempt: 1 })

t.test('an error without a code is a defect of ours, unless pg says so of a lost connection', async t => {
  t.match(troubleOfError(new TypeError('read is not a function')), { with: 'events', outcome: { kind: 'retry', code: 'unexpected' } })
  t.match(troubleOfError('text'), { with: 'events', outcome: { code: 'unexpected' } })
  t.match(troubleOfError(new Error('Query read timeout')), { with: 'target', outcome: { code: 'network_broken' } })
  t.match(troubleOfError(Object.assign(new Error('refused'), { code: 'ECONNREFUSED' })), { with: 'target', outcome: { code: 'network_econnrefused' } })
})

if (kind !== undefined) {
  t.test('what a person must mend is retried slowly, and the reason says what', async t => {
    const database = await kind.fresh(t)
    const { url, query } = database
    const { host, pathname } = new URL(url)
    await query("CREATE ROLE guest LOGIN PASSWORD 'guest'")
    await query('REVOKE CREATE ON SCHEMA public FROM PUBLIC')
    for (const [wrongUrl, code, reason] of [
      [`postgres://postgres:wrong@${host}${pathname}`, 'pg_28P01', /url/],
      [`postgres://postgres@${host}${pathname}`, 'password_unfit', /password/],
      [withDatabase(url, 'nowhere'), 'pg_3D000', /"nowhere".*create the database/],
      [`${url}?sslmode=verify-full`, 'tls_refused', /TLS/],
      [`postgres://guest:guest@${host}${pathname}`, 'pg_42501', /permission denied.*CREATE on the schema/]
    ] as const) {
      const outcomes = await deliver(openTarget(t, { kind, url: wrongUrl }), [anEvent(), anEvent()])
      t.match(outcomes, [{ kind: 'retry', slow: true, code, reason }, { kind: 'retry', slow: true, code }], code)
      t.notMatch(JSON.stringify(outcomes), /wrong|secret/, 'no password in a reason')
    }
    await deliver(openTarget(t, database), [anEvent()])
    await query('GRANT SELECT, INSERT, UPDATE ON ALL TABLES IN SCHEMA public TO guest')
    t.match(await deliver(openTarget(t, { kind, url: `postgres://guest:guest@${host}${pathname}` }), [anEvent()]), [{ kind: 'delivered' }], 'needs no more than that once the tables are there')
  })

  t.test('ids are in the collation C', async t => {
    const database = await kind.fresh(t)
    await deliver(openTarget(t, database), [anEvent()])
    t.strictSame(await database.query("SELECT count(*)::int AS n FROM information_schema.columns WHERE table_name LIKE 'chat\\_%' AND column_name ~ '_id$|account$' AND data_type = 'text' AND collation_name IS DISTINCT FROM 'C'"), [{ n: 0 }])
  })

  t.test('times far ahead are kept', async t => {
    const database = await kind.fresh(t)
    t.match(await deliver(openTarget(t, database), [anEvent({ body: { EventTime: 999_999_999_999_999 } })]), [{ kind: 'delivered' }])
    t.strictSame(await database.query(`SELECT ${kind.milliseconds('event_time')} AS at FROM chat_event`), [{ at: '999999999999999' }])
  })

  t.test('a database that cannot hold every text is refused at once', async t => {
    const { url, query } = await kind.fresh(t)
    await query("CREATE DATABASE latin ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0")
    t.match(await deliver(openTarget(t, { kind, url: withDatabase(url, 'latin') }), [anEvent()]), [{ kind: 'retry', slow: true, code: 'pg_not_utf8', reason: /LATIN1/ }])
  })
}
