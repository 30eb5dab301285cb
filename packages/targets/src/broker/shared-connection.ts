import { untilAborted } from '../sql/until-aborted.ts'

/** One connection at a time, for deliveries that go on at once. */
export interface SharedConnection<C> {
  /**
   * Does some work with it; it is made first where there is none. When the signal is aborted in the middle, its server may be one that answers nobody: the next work gets another
   * connection, and this one is ended as soon as nobody works with it.
   */
  lend: <T>(signal: AbortSignal, work: (connection: C) => Promise<T>) => Promise<T>
  /** What goes on with it fails. */
  close: () => Promise<void>
}

interface Entry<C> {
  connection: Promise<C>
  users: number
}

/**
 * @param connect makes a connection, within a time of its own, and calls `broken` when it has ended by itself
 * @param end ends it at once, whether its server answers or not
 */
export function sharedConnection<C> ({ connect, end }: { connect: (broken: () => void) => Promise<C>, end: (connection: C) => Promise<void> }): SharedConnection<C> {
  const open = new Set<C>()
  let current: Entry<C> | undefined
  let closed = false

  const endOnce = async (connection: C) => {
    if (open.delete(connection)) await end(connection)
  }

  const begin = (): Entry<C> => {
    const forget = () => { if (current === entry) current = undefined }
    const entry: Entry<C> = { connection: connect(forget), users: 0 }
    entry.connection.then(connection => {
      open.add(connection)
      if (closed) void endOnce(connection)
    }, forget)
    return entry
  }

  return {
    async lend (signal, work) {
      signal.throwIfAborted()
      const entry = current ??= begin()
      entry.users++
      try {
        return await untilAborted(entry.connection.then(async connection => {
          signal.throwIfAborted() // nothing is sent in the name of an attempt that is over
          return await work(connection)
        }), signal)
      } finally {
        if (signal.aborted && current === entry) current = undefined
        if (--entry.users === 0 && current !== entry) void entry.connection.then(endOnce, () => {})
      }
    },
    async close () {
      closed = true
      await Promise.all([...open].map(endOnce))
    }
  }
}
