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
    if (!known.includes(type)) return options.onRawData(unknownMessage)
    if ('PBDECH'.includes(type)) this.#exchanging = true // Parse, Bind, Describe, Execute, Close, Flush
    try {
      await super.execProtocolRawStream(type === '\0' ? startup : message, options)
    } catch (error) {
      setImmediate(() => { throw error }) // the database is broken: this process must end
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

/**
 * Stands in for every client's startup message: the one session has one user and one database whatever they ask for, and a
 * misformed message would stay in its buffer.
 */
const startup = Buffer.from('\0\0\0\x29\0\x03\0\0user\0postgres\0database\0postgres\0\0')

const unknownMessage = Buffer.from('E\0\0\0\x24SFATAL\0C08P01\0Munknown message\0\0')
