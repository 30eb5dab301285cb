import { examples } from '@baton/contracts'
import { command, query } from './callback.ts'
import { digestOf } from './digest-of.ts'
import type { Drill } from './drill.ts'

const names = ['A', 'B', 'A']
const acknowledgement = '{"ActionStatus":"OK","ErrorInfo":"","ErrorCode":0}'

export const sameTopic: Drill = {
  number: '16',
  title: 'one topic named A, B, A within a second, with no EventTime and no RequestID',
  few: 0, // their ids are fresh, so nobody knows them beforehand
  warehouse: true,
  run: async rig => {
    const [ingress] = await Promise.all([rig.ingress(), rig.worker(), rig.startRecorder()])
    const bodies = names.map(Name => Buffer.from(JSON.stringify({ ...examples[command], Name })))
    const answers: string[] = []
    const started = performance.now()
    for (const body of bodies) answers.push(await (await fetch(`${ingress.url}?${query}`, { method: 'POST', body })).text())
    const took = Math.round(performance.now() - started)
    const { ledger } = rig
    await rig.until(() => ledger.update().arrivals.size >= names.length, () => `only ${ledger.arrivals.size} of ${names.length} deliveries came`)
    for (const id of ledger.arrivals.keys()) ledger.acknowledged(id, took) // whose they are, the bodies tell
    await rig.drained()
    const arrived = [...ledger.arrivals.values()].flatMap(({ digests }) => digests).sort()
    const rows = await rig.warehouse?.rows('SELECT name FROM chat_topic')
    return [
      { what: `all are acknowledged (${answers.join(', ')}) within a second (${took} ms)`, holds: answers.every(answer => answer === acknowledgement) && took < 1_000 },
      { what: 'three deliveries, A, B and A, each with an id of its own', holds: arrived.join() === bodies.map(digestOf).sort().join() && ledger.arrivals.size === names.length },
      ...(rows === undefined ? [] : [{ what: `the topic's row says A (${rows.join()})`, holds: rows.join() === 'A' }])
    ]
  }
}
