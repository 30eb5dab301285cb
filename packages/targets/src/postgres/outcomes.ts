import { networkFamily, type OutcomeTable } from '../outcome-table.ts'
import { connectionOutcomes } from '../sql/connection-outcomes.ts'
import { statementOutcomes } from '../sql/statements/statement-outcomes.ts'

/** What trouble-of-error.ts, migrate.ts and postgres.ts say; a test compares them. */
export const postgresOutcomes: OutcomeTable = {
  rows: [
    { codes: ['pg_42804'], means: 'reject', when: 'a value has a type that its column does not take' },
    { codes: ['pg_08*', 'pg_25*', 'pg_40*', 'pg_53*', 'pg_55*', 'pg_57*', 'pg_58*'], means: 'retry', when: 'it passes: the connection broke, a deadlock, memory, disk or connections are short, the server starts, stops or has become a standby. The code is `pg_` and the SQLSTATE' },
    { codes: ['pg_0L*', 'pg_0P*', 'pg_28*', 'pg_3D*', 'pg_3F*', 'pg_42*'], means: 'wrong', when: 'user, password, database, schema, privileges or tables are not as they must be' },
    { codes: ['pg_21*', 'pg_22*', 'pg_23*', 'pg_44*', 'pg_54*'], means: 'reject', when: 'the server does not take this event\'s data: `pg_22P02` is no JSON to it, `pg_23505` breaks a constraint that somebody added, `pg_54001` is nested too deeply' },
    { codes: ['pg_not_utf8'], means: 'wrong', when: 'the database has another encoding than UTF8' },
    { codes: ['pg_newer_tables', 'pg_tables_wait'], means: 'wrong', when: 'a newer Baton has migrated the tables; or they wait for somebody to bring them up to date (`migrate`)' },
    { codes: ['pg_*'], means: 'retry', when: 'any other SQLSTATE: a trigger has raised it, or it is an error within the server' },
    { codes: ['password_unfit'], means: 'wrong', when: 'the server asks for a password, and that of `url` is missing or unfit' },
    ...statementOutcomes,
    ...connectionOutcomes
  ],
  families: [
    { stem: 'pg_', characters: '0-9A-Z', least: 5, most: 5 },
    networkFamily
  ]
}
