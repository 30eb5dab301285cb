import { StatementError, troubleOfStatement } from '../sql/statements/statement-error.ts'
import { defect, misconfigured, troubleOfConnection, type Trouble } from '../sql/trouble.ts'

/** An error that the server itself sent. */
interface ServerError extends Error {
  errno: number
  sqlState: string
  sqlMessage: string
}

const isServerError = (error: unknown): error is ServerError =>
  error instanceof Error && 'errno' in error && typeof error.errno === 'number' && 'sqlState' in error && typeof error.sqlState === 'string' &&
  'sqlMessage' in error && typeof error.sqlMessage === 'string'

/** A row with this key is there already. */
export const isDuplicate = (error: unknown): boolean => isServerError(error) && error.errno === 1062

/**
 * Reads an error of mysql2 or Node. Numbers: https://mariadb.com/kb/en/mariadb-error-code-reference/ and MySQL's own reference, which agree on these.
 * Reasons hold no values of rows: the server's message is used only where it speaks of the server, not of data.
 */
export function troubleOfError (error: unknown): Trouble {
  if (error instanceof StatementError) return troubleOfStatement(error.entry, troubleOfError(error.cause), wordsOfServer(error.cause) !== undefined)
  if (isServerError(error)) return troubleOfServer(error)
  if (!(error instanceof Error)) return defect(error)
  const name = 'code' in error && typeof error.code === 'string' ? error.code : ''
  if (name === 'HANDSHAKE_NO_SSL_SUPPORT') return misconfigured('tls_refused', "the server does not speak TLS; enable it there, or take ssl-mode out of the target's url")
  const lost = 'fatal' in error && error.fatal === true
  if (!lost && (name === '' || (error instanceof TypeError && name !== 'ERR_INVALID_URL'))) return defect(error)
  return troubleOfConnection('MySQL', name, { tls: "ssl-mode in the target's url" })
}

/** What the server says of a statement, in its own words. */
export const wordsOfServer = (error: unknown): string | undefined => isServerError(error) ? `${error.sqlMessage} (mysql_${error.errno})` : undefined

function troubleOfServer ({ errno, sqlState, sqlMessage }: ServerError): Trouble {
  const code = `mysql_${errno}`
  const kind = kindOf(errno, sqlState)
  if (kind === 'data') return { with: 'events', outcome: { kind: 'reject', code, reason: `MySQL does not take the event: ${whatOfData(errno, sqlMessage)}` } }
  if (kind === 'unclear') return { with: 'events', outcome: { kind: 'retry', code, reason: `MySQL failed with ${whatOfData(errno, sqlMessage)}` } }
  const remedy = remedies.get(errno)
  // Where it does not read a statement it repeats a part of it.
  const reason = `${errno === 1064 ? 'the server does not understand the statement' : sqlMessage}${remedy === undefined ? '' : `; ${remedy}`}`
  return kind === 'misconfigured' ? misconfigured(code, reason) : { with: 'target', outcome: { kind: 'retry', code, reason } }
}

/** Errors whose SQLSTATE says too little or the wrong thing. */
export const passing: ReadonlySet<number> = new Set([
  1020, 1205, 1213, 3572, // rows changed, locks, deadlocks
  1021, 1030, 1037, 1038, 1041, 1114, 1180, // disk, memory, storage engine
  1040, 1129, 1203, 1226, // too many connections
  1047, 1053, 1077, 1079, 1152, 1184, 1927, // shutting down, not yet part of its cluster, connection killed
  1290, 1792, 1836, // takes no writes: has become a replica
  1317, 1969, 3024 // cancelled, took too long
])
export const misconfigurations: ReadonlySet<number> = new Set([1044, 1045, 1049, 1050, 1054, 1064, 1130, 1136, 1142, 1143, 1146, 1153, 1227, 1251, 1273, 1364, 1370, 1524, 1665, 1698])
export const data: ReadonlySet<number> = new Set([1048, 1062, 1071, 1118, 1264, 1265, 1292, 1366, 1406, 3140, 3141, 3819, 4025])

function kindOf (errno: number, sqlState: string): 'passing' | 'misconfigured' | 'data' | 'unclear' {
  if (passing.has(errno)) return 'passing'
  if (misconfigurations.has(errno)) return 'misconfigured'
  if (data.has(errno)) return 'data'
  switch (sqlState.slice(0, 2)) {
    case '08': case '40': return 'passing'
    case '28': return 'misconfigured'
    case '22': case '23': return 'data'
    default: return 'unclear' // 45 raised by a trigger, HY anything: it may pass, and it may be one event
  }
}

const tablesDiffer = "Baton's tables were changed or dropped: restore them, or drop them together with baton_migration to have them created anew"
const access = "mend user and password in the target's url, or let this user and host in with CREATE USER and GRANT"

/** What to mend. */
const remedies = new Map([
  [1021, 'the server needs disk space'],
  [1040, "raise the server's max_connections, or lower the target's concurrency"],
  [1044, access],
  [1045, access],
  [1049, "create the database, or mend its name in the target's url"],
  [1054, tablesDiffer],
  [1064, 'use MySQL 8.0.17 or later, or MariaDB 10.5 or later'],
  [1114, 'the server needs disk space'],
  [1130, access],
  [1142, 'the user needs CREATE and INDEX for the first delivery, and SELECT, INSERT and UPDATE on the tables'],
  [1146, tablesDiffer],
  [1153, "raise the server's max_allowed_packet to 64M"],
  [1203, "raise the server's max_user_connections, or lower the target's concurrency"],
  [1290, "this server takes no writes: point the target's url to the primary"],
  [1665, "set the server's binlog_format to ROW or MIXED"],
  [1698, access],
  [1836, "this server takes no writes: point the target's url to the primary"]
])

const phrases = new Map([
  [1264, 'a number or time of it lies outside what its column holds'],
  [1366, 'a text of it is not what its column holds; columns that are to hold every text need CHARACTER SET utf8mb4'],
  [1406, 'a text of it is longer than its column']
])

/** Names of things in the schema, no values. */
function whatOfData (errno: number, message: string): string {
  const column = /for column [`'](?:\w+`\.`)*(\w+)[`'] at row/.exec(message)?.[1]
  const constraint = /^CONSTRAINT `(.+?)` failed/.exec(message)?.[1]
  return [phrases.get(errno) ?? `error ${errno}`, ...column === undefined ? [] : [`column ${column}`], ...constraint === undefined ? [] : [`constraint ${constraint}`]].join(', ')
}
