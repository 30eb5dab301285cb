import autocannon from 'autocannon'
import { bodyPieces, digits, target } from './callback-bodies.ts'
import type { Load } from './load.ts'
import { quantile } from './quantile.ts'

// Puts load on a server and tells, as JSON on its last line, what came back. Arguments: origin, connections, seconds, prefix of the numbers.
const [origin = '', connections = '1', seconds = '1', prefix = ''] = process.argv.slice(2)

let count = 0
// Its own latencies are whole milliseconds, which is longer than most of these answers take.
const times: number[] = []
const result = await autocannon({
  url: origin + target,
  connections: Number(connections),
  duration: Number(seconds),
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  requests: [{ setupRequest: request => ({ ...request, body: bodyPieces.join(prefix + String(++count).padStart(digits, '0')) }) }],
  verifyBody: body => body.endsWith('"ErrorCode":0}'),
  setupClient: client => { client.on('response', (_status: number, _bytes: number, milliseconds: number) => { times.push(milliseconds) }) }
})

times.sort((a, b) => a - b)
const load: Load = {
  answers: times.length,
  wrong: Math.max(result.mismatches, result.non2xx),
  broken: result.errors + result.timeouts,
  seconds: result.duration,
  p50: quantile(times, 0.5),
  p99: quantile(times, 0.99),
  max: times.at(-1) ?? 0
}
console.log(JSON.stringify(load))
