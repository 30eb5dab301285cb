import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { freePort } from '@baton/testing'
import type { Drill } from './drill.ts'
import { PrivateRedis } from './private-redis.ts'
import { switchboard } from './switchboard.ts'

/** How far the replica lags when it takes over, in ms. */
const lag = 2_000

export const promoteReplica: Drill = {
  number: '7',
  title: 'a replica that lags by 2 s is promoted',
  run: async rig => {
    const replica = new PrivateRedis(join(rig.folder, 'replica'), await freePort())
    const line = await switchboard(rig.redis.port)
    try {
      await replica.start('--replicaof', `127.0.0.1 ${rig.redis.port}`)
      await replica.use(async redis => { while (!(await redis.info('replication')).includes('master_link_status:up')) await pause(50) })
      await rig.startRecorder()
      const env = { REDIS_URL: line.url }
      await rig.worker('worker', env)
      const ingress = await rig.ingress('ingress', env)
      const load = await rig.load([ingress.url])
      await rig.acked(rig.wanted / 3)
      const restoredTo = Date.now()
      await replica.use(async redis => { await redis.replicaof('NO', 'ONE') }) // from here on it knows no more
      await pause(lag)
      const at = Date.now()
      await rig.redis.kill()
      line.lead(replica.port)
      rig.faults.push({ at, restoredTo, until: Date.now() + 2_000 })
      await rig.acked(rig.wanted)
      await load.stop()
      await rig.drained()
      return [{ what: `nothing is refused (${rig.ledger.refused})`, holds: rig.ledger.refused === 0 }]
    } finally {
      line.close()
      await replica.kill()
    }
  }
}
