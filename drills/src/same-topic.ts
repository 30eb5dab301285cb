import { createHash } from 'node:crypto'
import { catalogue } from '@baton/contracts'
import { command, query } from './callback.ts'
import type { Drill } from './drill.ts'

const names = ['A', 'B', 'A']

export const sameTopic: Drill = {
  number: '16',
  title: 'one topic named A, B, A within a second, with no EventTime and no RequestID',
  few: 0, // their ids are fresh, so nobody knows them beforehand
  run: async rig => {
    await rig.startRecorder()
    await rig.worker()
    const ingress = await rig.ingress()
    const bodies = names.map(Name => JSON.stringify({ ...catalogue[command].example, Name }))
    const codes: unknown[] = []
    let longest = 0
    for (const body of bodies) {
      const started = performance.now()
      const response = await fetch(`${ingress.url}?${query}`, { method: 'POST', body })
      codes.push(await response.json())
      longest = Math.max(longest, Math.round(performance.now() - started))
    }
    const digests = bodies.map(body => createHash('sha256').update(body).digest('hex').slice(0, 16)).sort()
    const arrived = () => [...rig.ledger.update().bodies.values()].flat().sort()
    await rig.until(() => arrived().length >= names.length, () => `only ${arrived().length} of ${names.length} deliveries came`)
    await rig.drained()
    for (const id of rig.ledger.bodies.keys()) rig.ledger.acknowledged(id, longest) // whose they are, the bodies tell
    return [
      { what: `all are acknowledged (${JSON.stringify(codes)})`, holds: codes.every(code => JSON.stringify(code) === '{"ActionStatus":"OK","ErrorInfo":"","ErrorCode":0}') },
      { what: 'three deliveries, A, B and A', holds: JSON.stringify(arrived()) === JSON.stringify(digests) },
      { what: 'each with an id of its own', holds: rig.ledger.bodies.size === names.length }
    ]
  }
}
