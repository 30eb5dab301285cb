import type { Server } from 'node:http'
import { setImmediate as turn } from 'node:timers/promises'

/** Turns of the event loop without anybody new, after which nobody waits: between two turns the system was certainly asked. */
const quietTurns = 2
/** Turns after which those who still come are refused: whoever sends them has not noticed that we leave. */
const mostTurns = 1_024

/**
 * Takes the connections that the system has made and Node has not taken yet, of which it takes one in a turn. To their clients they are
 * open: closing the listener would reset them.
 */
export async function takeWaitingConnections (server: Server): Promise<void> {
  let quiet = 0
  const taken = () => { quiet = 0 }
  server.on('connection', taken)
  for (let turns = 0; quiet < quietTurns && turns < mostTurns; turns++) {
    quiet += 1
    await turn()
  }
  server.off('connection', taken)
}
