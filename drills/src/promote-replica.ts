import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { freePort } from '@baton/testing'
import type { Drill } from './drill.ts'
import { PrivateRedis } from './private-redis.ts'
import { switchboard } from './switchboard.ts'
import { underLoad } from './under-load.ts'

/** How far the replica lags when it takes over, and how long it is in charge, in ms. */
const lag = 2_000
const reign = 2_000

export const promoteReplica: Drill = {
  number: '7',
  title: 'a replica that lags by 2 s is promoted, then demoted to what the old master knew',
  run: async rig => {
    const master = rig.redis
    const replica = new PrivateRedis(join(rig.folder, 'replica'), await freePort())
    rig.atEnd(async () => { await replica.kill() })
    await replica.start()
    await replica.follow(master)
    const line = await switchboard(master.port)
    rig.atEnd(line.close)
    return await underLoad(rig, { env: { REDIS_URL: line.url } }, async () => {
      await rig.acked(rig.wanted / 3)
      const detachedAt = Date.now()
      await replica.lead() // from here on it hears no more
      await pause(lag)
      const promotedAt = Date.now()
      line.lead(replica.port) // and the old master hears no more
      rig.faults.push({ at: promotedAt, restoredTo: detachedAt, until: Date.now() + 1_000 })
      const runId = await replica.info('server', 'run_id')
      await pause(reign)
      const demotedAt = Date.now()
      await replica.follow(master) // its clients keep their connections, and see it go back
      await replica.lead()
      rig.faults.push({ at: demotedAt, restoredTo: promotedAt, until: Date.now() + 1_000 })
      return [{ what: 'it is the same run of the same Redis that went back', holds: await replica.info('server', 'run_id') === runId }]
    })
  }
}
