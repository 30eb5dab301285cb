import { randomBytes } from 'node:crypto'
import { readdirSync, renameSync, rmSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { join, relative, resolve as absolute } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { BatonError } from './baton-error.ts'
import { dataDirError } from './data-dir-error.ts'

export interface Lock {
  release: () => Promise<void>
}

/** Bytes that the path of a unix socket may have on every system: macOS takes 104 with the closing zero, Linux 108. */
const longestPath = 103
/** ms in which others that want the lock at the same moment step back. */
const patience = 500

/**
 * A lock that ends with its process, however that ends: unix sockets that somebody listens on. Undefined while another process holds it.
 * Each process listens on a socket with a name of its own first, and holds the lock once it sees no other that is alive. So of two the
 * later one always sees the earlier one, and what is found dead can be deleted, as nobody takes that name again.
 */
export async function lockSocket (dataDir: string, name: string): Promise<Lock | undefined> {
  const folder = [relative('.', dataDir), absolute(dataDir)].sort((a, b) => Buffer.byteLength(a) - Buffer.byteLength(b))[0] ?? dataDir
  const own = `${name}.${randomBytes(4).toString('hex')}.sock`
  const release = await listenOn(dataDir, join(folder, own))
  for (const started = Date.now(); ;) {
    const others = await alive(folder, name, own)
    if (others.length === 0) return { release }
    if (others.some(other => other < own) || Date.now() - started > patience) {
      await release()
      return undefined
    }
    await delay(20) // the lowest name goes first; they see us, and step back
  }
}

/** Listens under another name at first: between bind and listen, a socket looks dead. */
async function listenOn (dataDir: string, path: string): Promise<Lock['release']> {
  const unready = `${path}.new`
  if (Buffer.byteLength(unready) > longestPath) {
    throw new BatonError('DATA_DIR_UNWRITABLE', `The path of the data dir ${dataDir} is too long: a socket in it may have ${longestPath} bytes, and ${unready} has more. Name a shorter one in BATON_DATA_DIR.`)
  }
  const server = createServer(socket => socket.destroy())
  try {
    await new Promise<void>((resolve, reject) => server.once('error', reject).listen(unready, resolve))
    renameSync(unready, path)
  } catch (error) {
    server.close()
    throw dataDirError(dataDir, error)
  }
  server.unref()
  return async () => {
    rmSync(path, { force: true })
    await new Promise<void>(resolve => { server.close(() => resolve()) })
  }
}

/** The sockets of this lock that others listen on; dead ones are deleted. */
async function alive (folder: string, name: string, own: string): Promise<string[]> {
  const others = readdirSync(folder === '' ? '.' : folder)
    .filter(file => file.startsWith(`${name}.`) && file.endsWith('.sock') && file !== own)
  const lives = await Promise.all(others.map(async other => {
    const held = await isHeld(join(folder, other))
    if (!held) rmSync(join(folder, other), { force: true })
    return held
  }))
  return others.filter((_, at) => lives[at])
}

const isHeld = (path: string): Promise<boolean> => new Promise(resolve => {
  const socket = connect(path)
    .once('connect', () => { socket.destroy(); resolve(true) })
    .once('error', error => resolve(!('code' in error) || (error.code !== 'ECONNREFUSED' && error.code !== 'ENOENT')))
})
