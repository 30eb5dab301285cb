import type { Event } from '@baton/contracts'
import { anEvent, postgresServer } from '@baton/testing'
import t from 'tap'
import { migrationsWith } from '../src/postgres/migrations.ts'
import { troubleOfError } from '../src/postgres/trouble-of-error.ts'
import type { Target } from '../src/target.ts'
import { contentsOf, openTarget, realPostgres, withDatabase } from './sql/databases.ts'

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

  t.test('tables of an earlier Baton are brought up to date, with all that they hold', async t => {
    const database = await kind.fresh(t)
    for (const migration of migrationsWith('').slice(0, 2)) await database.query(migration)
    await database.query('CREATE TABLE baton_migration (version integer PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT now())')
    await database.query('INSERT INTO baton_migration VALUES (1), (2)')
    const [version, later] = ['000000000004000.0000 evt_1', '000000000005000.0000 evt_2']
    await database.query(`INSERT INTO chat_group (sdk_app_id, group_id, type, name, owner_account, versions) VALUES
      (1400000000, 'seen', 'Public', 'one', 'ann', '{"type": "${version}", "name": "${version}", "owner_account": "${later}"}'),
      (1400000000, 'named', 'Community', NULL, 'ann', '{"type": "${later}", "owner_account": "${later}"}')`)
    await database.query(`INSERT INTO chat_group_member (sdk_app_id, group_id, account, joined_at, versions) VALUES (1400000000, 'seen', 'ann', to_timestamp(4), '{"joined_at": "${version}"}')`)
    t.match(await deliver(openTarget(t, database), [anEvent({ id: 'evt_0', command: 'Group.CallbackAfterGroupInfoChanged', body: { GroupId: 'seen', Name: 'too early', EventTime: 4_000 } })]), [{ kind: 'delivered' }])
    t.strictSame(await contentsOf(database), {
      chat_group: {
        seen: { type: 'Public', name: 'one', owner_account: 'ann', created_at: 4_000, incomplete: false },
        named: { type: 'Community', owner_account: 'ann', incomplete: true }
      },
      chat_topic: {},
      chat_group_member: { 'seen ann': { joined_at: 4_000, incomplete: false } },
      chat_message: {}
    })
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
