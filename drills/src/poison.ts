import { setTimeout as pause } from 'node:timers/promises'
import { Type } from '@sinclair/typebox'
import { callbackOf } from './callback.ts'
import type { Drill } from './drill.ts'
import { preloaded } from './places.ts'
import { underLoad } from './under-load.ts'

/** Most deaths until the event is given up. */
const mostDeaths = 12
/** How long a job stays with a worker that is dead. */
const lock = '2s'
/** Of `baton dead list`. */
const DeadList = Type.Object({ letters: Type.Array(Type.Object({ event: Type.String() })) })

export const poison: Drill = {
  number: '12',
  title: 'an event whose delivery aborts the worker',
  run: async rig => {
    const { id } = callbackOf('poison', 0, 0)
    const deadLetters = async () => (await rig.baton(DeadList, 'dead', 'list')).letters.map(({ event }) => event)
    let deaths: string[] = []
    await underLoad(rig, { workerEnv: { ...preloaded('abort-on-delivery-main', ['id', id]), JOB_LOCK: lock } }, async ({ ingress, worker }) => {
      await rig.acked(rig.wanted / 3)
      const supervised = worker.supervise()
      const at = Date.now()
      await (await rig.load([ingress.url], { run: 'poison', count: 1 })).ended
      await rig.until(async () => {
        await pause(1_000)
        return (await deadLetters()).includes(id)
      }, () => `the event is not given up after ${supervised.length} deaths`)
      rig.faults.push({ at, until: Date.now() })
      rig.ledger.update().buried(id)
      deaths = [...supervised]
    })
    await rig.drained()
    const others = (await deadLetters()).filter(event => event !== id)
    return [
      { what: `it is given up after ${deaths.length} deaths of the worker, at most ${mostDeaths} (${deaths.join(', ')})`, holds: deaths.length <= mostDeaths && deaths.every(how => how === 'SIGABRT') },
      { what: `nobody else is given up (${others.length})`, holds: others.length === 0 }
    ]
  }
}
