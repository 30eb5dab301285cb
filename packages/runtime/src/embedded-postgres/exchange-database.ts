import { PGlite, type ExecProtocolOptionsStream, type Results } from '@electric-sql/pglite'

/**
 * PGlite is one session, which the socket server shares among its clients message by message; only within a transaction it stays
 * with one client. But a query with parameters is several messages (Parse, Bind, Execute, Sync), and another client's message
 * between them replaces the statement that they speak of. So an exchange that is under way counts as a transaction here.
 */
export class ExchangeDatabase extends PGlite {
  #exchanging = false

  override isInTransaction (): boolean {
    return this.#exchanging || super.isInTransaction()
  }

  /** Never rejects: the socket server would serve nobody after that. */
  override async execProtocolRawStream (message: Uint8Array, options: ExecProtocolOptionsStream): Promise<void> {
    const type = String.fromCharCode(message[0] ?? 0)
    // PGlite would turn in a circle, for ever.
    if (!known.includes(type)) return options.onRawData(refused('unknown message'))
    if ('PBDECH'.includes(type)) this.#exchanging = true // Parse, Bind, Describe, Execute, Close, Flush
    try {
      await super.execProtocolRawStream(message, options)
    } catch (error) {
      if (type !== '\0') setImmediate(() => { throw error }) // the database is broken: this process must end
      else options.onRawData(refused('the startup message cannot be read'))
    }
    if ('SQX'.includes(type)) this.#exchanging = false // Sync, simple Query, Terminate
  }

  /** The socket server's ROLLBACK for a client that is gone in the middle of it. */
  override async exec (query: string, options?: Parameters<PGlite['exec']>[1]): Promise<Results[]> {
    this.#exchanging = false
    return await super.exec(query, options)
  }
}

/** The types of a client's messages; the startup message has none, and begins with a zero. */
const known = '\0QPBDECHSXFdcf'

/** An ErrorResponse to what PostgreSQL would end the connection for. */
function refused (reason: string): Uint8Array {
  const body = Buffer.from(`SFATAL\0C08P01\0M${reason}\0\0`)
  const head = Buffer.from('E\0\0\0\0')
  head.writeInt32BE(body.length + 4, 1)
  return Buffer.concat([head, body])
}
