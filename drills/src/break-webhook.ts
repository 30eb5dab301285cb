import { setTimeout as pause } from 'node:timers/promises'
import { Type } from '@sinclair/typebox'
import type { Drill } from './drill.ts'
import type { Rig } from './rig.ts'
import { underLoad } from './under-load.ts'

/** Each of the two troubles, in ms. */
const trouble = 5_000
/** Deliveries that may wait for the webhook in Redis: far fewer than will. */
const backlog = 20
/** Deliveries that are made before a router looks again how many wait. */
const unseen = 300
/** Of `baton status`. */
const Status = Type.Object({ queues: Type.Array(Type.Object({ queue: Type.String(), waiting: Type.Integer(), delayed: Type.Integer(), active: Type.Integer() })) })

export const breakWebhook: Drill = {
  number: '11',
  title: 'the webhook hangs, then dies, far past its backlog, and returns; PostgreSQL goes on',
  warehouse: true,
  run: async rig => await underLoad(rig, { webhook: { timeout: '1s', backlog }, answersAll: true }, async () => {
    await rig.acked(rig.wanted / 5)
    const at = Date.now()
    rig.hangRecorder()
    await pause(trouble)
    await rig.killRecorder()
    await pause(trouble)
    const awaited = rig.ledger.update().missing.length
    const waiting = await depthOf(rig, 'to-crm')
    rig.faults.push({ at, until: Date.now() })
    const written = await lagsSince(rig, at)
    await rig.startRecorder()
    const lag = Math.round(Math.max(...written))
    return [
      { what: `little more than its backlog waits for the webhook in Redis (${waiting} deliveries with a cap of ${backlog}, and it awaits ${awaited} events)`, holds: waiting <= backlog + unseen },
      ...(rig.warehouse === undefined ? [] : [{ what: `PostgreSQL goes on (${written.length} events meanwhile, each within ${lag} ms, and not as late as either trouble is long)`, holds: written.length >= 2 * trouble && lag < trouble }]) // one each ms
    ]
  })
}

/** Deliveries in a queue. */
async function depthOf (rig: Rig, name: string): Promise<number> {
  const { queues } = await rig.baton(Status, 'status')
  return queues.filter(({ queue }) => queue === name).reduce((sum, { waiting, delayed, active }) => sum + waiting + delayed + active, 0)
}

/** ms from the sending of each event to its row in PostgreSQL, of those sent since a moment. */
async function lagsSince ({ ledger, warehouse }: Rig, moment: number): Promise<number[]> {
  const events = await warehouse?.events() ?? []
  ledger.update()
  return events.filter(({ id }) => ledger.sentAt(id) > moment).map(({ id, at }) => at - ledger.sentAt(id))
}
