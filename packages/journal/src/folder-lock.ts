import { randomBytes } from 'node:crypto'
import { closeSync, openSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { JournalError, messageOf } from './journal-error.ts'

export interface FolderLock {
  release: () => Promise<void>
}

/** Bytes that the path of a unix socket may have on every system: macOS takes 104 with the closing zero, Linux 108. */
const longestPath = 103
/** ms in which others that want the folder at the same moment step back. */
const patience = 500
const ending = '.owner'

/**
 * Holds the folder until its release or the end of the process, however that ends: by a unix socket in it that this process listens on.
 * Each process listens under a name of its own first, and owns the folder once it sees no other that is alive. So of two the later one
 * always sees the earlier one, and what is found dead can be deleted, as nobody takes that name again.
 */
export async function lockFolder (folder: string): Promise<FolderLock> {
  const own = `${randomBytes(4).toString('hex')}${ending}`
  const door = doorTo(folder, `${own}.new`)
  let stop: (() => Promise<void>) | undefined
  try {
    // Between bind and listen a socket looks dead, so it gets its name only when it lives.
    const server = createServer(socket => socket.destroy())
    stop = async () => {
      rmSync(join(folder, own), { force: true })
      await new Promise<void>(resolve => { server.close(() => resolve()) })
      door.close()
    }
    await new Promise<void>((resolve, reject) => server.once('error', reject).listen(join(door.path, `${own}.new`), resolve))
    renameSync(join(folder, `${own}.new`), join(folder, own))
    server.unref()
    await outlastOthers(folder, door.path, own)
    return { release: stop }
  } catch (error) {
    await stop?.()
    if (error instanceof JournalError) throw error
    throw new JournalError('JOURNAL_UNWRITABLE', `The journal's folder ${folder} cannot be locked: ${messageOf(error)}. Give Baton a folder on a local disk that it may write to, in BATON_DATA_DIR.`, { cause: error })
  }
}

async function outlastOthers (folder: string, door: string, own: string): Promise<void> {
  for (const started = performance.now(); ;) {
    const others = await ownersAlive(folder, door, own)
    if (others.length === 0) return
    if (others.some(other => other < own) || performance.now() - started > patience) {
      throw new JournalError('JOURNAL_IN_USE', `Another process has the journal in ${folder} open. Stop that one, or give this one a data dir of its own in BATON_DATA_DIR.`)
    }
    await delay(20) // the lowest name goes first; they see us, and step back
  }
}

/** Whether a process owns the folder; where it cannot be asked, it is taken for one that does. */
export async function hasOwner (folder: string): Promise<boolean> {
  const sockets = readdirSync(folder).filter(file => file.endsWith(ending))
  const door = doorTo(folder, sockets[0] ?? '')
  try {
    const lives = await Promise.all(sockets.map(async socket => await answers(join(door.path, socket))))
    return lives.includes(true)
  } finally {
    door.close()
  }
}

/** The sockets that others listen on; dead ones are deleted. */
async function ownersAlive (folder: string, door: string, own: string): Promise<string[]> {
  const others = readdirSync(folder).filter(file => file.endsWith(ending) && file !== own)
  const lives = await Promise.all(others.map(async other => {
    const lives = await answers(join(door, other))
    if (!lives) rmSync(join(folder, other), { force: true })
    return lives
  }))
  return others.filter((_, at) => lives[at])
}

const answers = (path: string): Promise<boolean> => new Promise(resolve => {
  const socket = connect(path)
    .once('connect', () => { socket.destroy(); resolve(true) })
    .once('error', error => resolve(!('code' in error) || (error.code !== 'ECONNREFUSED' && error.code !== 'ENOENT')))
})

/** A path to the folder that is short enough for a socket in it: Linux has one for each open folder, whatever the length of its own. */
function doorTo (folder: string, longestName: string): { path: string, close: () => void } {
  if (Buffer.byteLength(join(folder, longestName)) <= longestPath) return { path: folder, close () {} }
  if (process.platform !== 'linux') {
    throw new JournalError('JOURNAL_UNWRITABLE', `The path of the journal's folder ${folder} is too long: a socket in it may have ${longestPath} bytes. Name a shorter one in BATON_DATA_DIR.`)
  }
  const opened = openSync(folder, 'r')
  return { path: `/proc/self/fd/${opened}`, close: () => closeSync(opened) }
}
