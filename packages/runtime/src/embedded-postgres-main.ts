import { PGLiteSocketServer } from '@electric-sql/pglite-socket'
import { BatonError } from './baton-error.ts'
import { ExchangeDatabase } from './embedded-postgres/exchange-database.ts'
import type { HostMessage } from './embedded-postgres/host-message.ts'
import { makeCluster } from './embedded-postgres/make-cluster.ts'
import { lockSocket, type Lock } from './lock-socket.ts'

// The process that owns the folder of the embedded PostgreSQL. Arguments: data dir, folder, port.
const [dataDir = '', folder = '', port = '0'] = process.argv.slice(2)

const tell = (message: HostMessage) => new Promise<void>(resolve => {
  if (process.send === undefined) return resolve()
  process.send(message, () => resolve())
})

let lock: Lock | undefined
let close = async (): Promise<void> => {}
let ending = false
/** Ends for good; PGlite has written its files by then. */
async function end (code: number): Promise<void> {
  if (ending) return
  ending = true
  await close().catch(() => { code = 1 })
  await lock?.release()
  process.exit(code)
}

// Without our parent nobody would ever stop us.
process.once('disconnect', () => { void end(0) })
process.once('SIGTERM', () => { void end(0) })
// A message that PGlite cannot digest leaves it, or the queue before it, broken: our parent starts us anew.
process.once('uncaughtException', error => { process.stderr.write(`embedded PostgreSQL: ${error.stack ?? error.message}\n`); process.exit(1) })

try {
  // After a crash of our parent its last host may still be closing; a second owner would lose writes, silently.
  lock = await lockSocket(dataDir, 'postgres')
  if (lock === undefined) {
    await tell({ type: 'locked' })
    await end(1)
  }
  await makeCluster(folder)
  const database = new ExchangeDatabase(folder)
  close = async () => { await database.close() }
  await database.waitReady
  const server = new PGLiteSocketServer({ db: database, host: '127.0.0.1', port: Number(port), maxConnections: 32 })
  close = async () => {
    await server.stop()
    await database.close()
  }
  await server.start()
  await tell({ type: 'ready', port: Number(server.getServerConn().split(':').at(-1)) })
} catch (thrown) {
  const { code, message } = BatonError.from(thrown)
  await tell({ type: 'failed', code, message })
  await end(1)
}
