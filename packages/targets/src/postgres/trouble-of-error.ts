import { DatabaseError } from 'pg'
import { StatementError, troubleOfStatement } from '../sql/statements/statement-error.ts'
import { defect, misconfigured, troubleOfConnection, type Trouble } from '../sql/trouble.ts'

/**
 * Reads an error of pg or Node. Classes of SQLSTATE: https://www.postgresql.org/docs/current/errcodes-appendix.html
 * Reasons hold no values of rows: `detail` is never used, and `message` only where it speaks of the server, not of data.
 */
export function troubleOfError (error: unknown): Trouble {
  if (error instanceof StatementError) return troubleOfStatement(error.entry, troubleOfError(error.cause), wordsOfServer(error.cause) !== undefined)
  return error instanceof DatabaseError && error.code !== undefined ? troubleOfState(error.code, error) : troubleWithoutState(error)
}

/** What the server says of a statement, in its own words. */
export function wordsOfServer (error: unknown): string | undefined {
  if (!(error instanceof DatabaseError) || error.code === undefined) return undefined
  const hint = hints.get(error.code)
  return `${error.message} (pg_${error.code}${hint === undefined ? '' : `: ${hint}`})`
}

/** What is often meant. */
const hints = new Map([
  ['42P10', 'ON CONFLICT needs a primary key or unique index on just these columns'],
  ['42P18', 'say the type of the parameter, as in :name::text']
])

function troubleOfState (state: string, error: DatabaseError): Trouble {
  const code = `pg_${state}`
  const kind = kindOfState(state)
  if (kind === 'data') return { with: 'events', outcome: { kind: 'reject', code, reason: `PostgreSQL does not take the event: ${whatOfData(state, error)}` } }
  if (kind === 'unclear') return { with: 'events', outcome: { kind: 'retry', code, reason: `PostgreSQL failed with ${whatOfData(state, error)}` } }
  const remedy = remedies.get(state) ?? remedies.get(state.slice(0, 2))
  const reason = `${error.message}${remedy === undefined ? '' : `; ${remedy}`}`
  return { with: 'target', outcome: { kind: 'retry', code, reason, ...kind === 'misconfigured' && { slow: true } } }
}

function kindOfState (state: string): 'passing' | 'misconfigured' | 'data' | 'unclear' {
  if (state === '42804') return 'data' // a value's type, not the statement
  switch (state.slice(0, 2)) {
    case '08': // the connection broke
    case '25': // among them 25006: a primary that has become a standby
    case '40': // deadlock, serialization
    case '53': // memory, disk, connections
    case '55': // in use, lock not available
    case '57': // cancelled, shutting down, starting up
    case '58': // the server's own I/O
      return 'passing'
    case '0L': case '0P': // role
    case '28': // authentication
    case '3D': case '3F': // no such database or schema
    case '42': // privileges; tables that are missing or not ours
      return 'misconfigured'
    case '21': case '22': case '23': case '44': case '54':
      return 'data'
    default: // XX internal errors, P0 raised by a trigger, ...: it may pass, and it may be one event
      return 'unclear'
  }
}

const tablesDiffer = "Baton's tables were changed or dropped: restore them, or drop them together with baton_migration to have them created anew"

/** What to mend, by SQLSTATE or its class. */
const remedies = new Map([
  ['25006', "this server takes no writes: point the target's url to the primary"],
  ['28', "mend user and password in the target's url, or let this user and host in with pg_hba.conf"],
  ['3D', "create the database, or mend its name in the target's url"],
  ['3F', 'create the schema that search_path names'],
  ['42501', 'the user needs CREATE on the schema for the first delivery, and SELECT, INSERT and UPDATE on the tables'],
  ['42P07', "the name is taken by a table that is not Baton's: give Baton a database or a schema of its own"],
  ['42', tablesDiffer],
  ['53100', 'the server needs disk space'],
  ['53300', "raise the server's max_connections, or lower the target's concurrency"],
  ['57014', 'the server took too long, or somebody cancelled the statement']
])

const phrases = new Map([
  ['22P02', 'it is not JSON as PostgreSQL reads it'],
  ['54000', 'a text of it is too long for an index'],
  ['54001', 'it is nested too deeply']
])

/** Names of things in the schema, no values. */
function whatOfData (state: string, { table, column, constraint }: DatabaseError): string {
  const places = Object.entries({ table, column, constraint }).flatMap(([kind, name]) => name === undefined ? [] : [`${kind} ${name}`])
  return [phrases.get(state) ?? `SQLSTATE ${state}`, ...places].join(', ')
}

/** All that pg says of a connection that it lost or did not get; it has no codes for these. */
const lost = new Set([
  'Connection terminated',
  'Connection terminated unexpectedly',
  'Connection terminated due to connection timeout',
  'timeout expired',
  'timeout exceeded when trying to connect',
  'Query read timeout',
  'Client was closed and is not queryable',
  'Client has encountered a connection error and is not queryable',
  'Cannot use a pool after calling end on the pool',
  'There was an error establishing an SSL connection'
])

function troubleWithoutState (error: unknown): Trouble {
  if (!(error instanceof Error)) return defect(error)
  const name = 'code' in error && typeof error.code === 'string' ? error.code : ''
  // pg gives its own two no code: a server without TLS, and one that asks for a password where the url has none.
  if (error.message === 'The server does not support SSL connections') {
    return misconfigured('tls_refused', "the server does not speak TLS; enable it there, or take sslmode out of the target's url")
  }
  if (error.message.startsWith('SASL:')) return misconfigured('password_unfit', "the server asks for a password, and the one in the target's url is missing or unfit; mend the url")
  if (!lost.has(error.message) && (name === '' || (error instanceof TypeError && name !== 'ERR_INVALID_URL'))) return defect(error)
  return troubleOfConnection('PostgreSQL', name, { tls: "sslmode and sslrootcert in the target's url", said: error.message })
}
