import { networkFamily, type OutcomeTable } from '../outcome-table.ts'
import { connectionOutcomes } from '../sql/connection-outcomes.ts'
import { statementOutcomes } from '../sql/statements/statement-outcomes.ts'
import { data, misconfigurations, passing } from './trouble-of-error.ts'

const codes = (numbers: ReadonlySet<number>): string[] => [...numbers].map(number => `mysql_${number}`)

/** What trouble-of-error.ts, migrate.ts and mysql.ts say; a test compares them. */
export const mysqlOutcomes: OutcomeTable = {
  rows: [
    { codes: codes(passing), means: 'retry', when: 'it passes: locks, memory, disk or connections are short, the server stops or has become a replica. The code is `mysql_` and the number of the error' },
    { codes: codes(misconfigurations), means: 'wrong', when: 'user, password, database, privileges, tables or settings of the server are not as they must be' },
    { codes: codes(data), means: 'reject', when: 'the server does not take this event\'s data' },
    { codes: ['mysql_not_json', 'mysql_too_deep'], means: 'reject', when: 'the body is no JSON, or nested too deeply' },
    { codes: ['mysql_migrating'], means: 'retry', when: 'another worker is creating the tables' },
    { codes: ['mysql_too_old'], means: 'wrong', when: 'the server has no collation that compares byte by byte' },
    { codes: ['mysql_newer_tables', 'mysql_tables_wait'], means: 'wrong', when: 'a newer Baton has migrated the tables; or they wait for somebody to bring them up to date (`migrate`)' },
    { codes: ['mysql_*'], means: 'retry', when: 'any other number. It is judged by its SQLSTATE: of class 28 the target is wrong, of 22 and 23 the event is rejected, and all else is tried again' },
    ...statementOutcomes,
    ...connectionOutcomes
  ],
  families: [
    { stem: 'mysql_', characters: '0-9', least: 3, most: 5 },
    networkFamily
  ]
}
