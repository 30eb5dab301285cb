import { once } from 'node:events'
import { createServer } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { BatonError, type Settings } from '@baton/runtime'

/** The servers of a relay that was killed end by themselves, but not at once. In ms. */
const patience = 5_000

/** Waits a moment until each server of a relay can listen where its setting says. Throws PORT_IN_USE, with all that could not, before anything has been started in vain. */
export async function untilPortsFree (settings: Settings, { needsEmbeddedPostgres, stopping }: { needsEmbeddedPostgres: boolean, stopping: AbortSignal }): Promise<void> {
  const servers = [['PORT', settings.HOST], ['WORKER_PORT', settings.HOST], ...needsEmbeddedPostgres ? [['EMBEDDED_PG_PORT', '127.0.0.1']] as const : []] as const
  for (const until = performance.now() + patience; ;) {
    const problems: string[] = []
    for (const [name, host] of servers) {
      if (await isTaken(settings[name], host)) problems.push(`${name} = ${settings[name]} is in use`)
    }
    if (problems.length === 0) return
    if (performance.now() > until) throw new BatonError('PORT_IN_USE', 'Something listens where this relay is to listen. Stop it, or set these variables to other ports (0 = any free one):', { problems })
    await pause(200, undefined, { signal: stopping })
  }
}

/** Of other obstacles whoever is to listen there tells. */
async function isTaken (port: number, host: string): Promise<boolean> {
  const server = createServer()
  try {
    server.listen(port, host)
    await once(server, 'listening')
    server.close()
    await once(server, 'close')
    return false
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EADDRINUSE'
  }
}
