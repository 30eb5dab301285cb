import { examples, isKnownCommand } from '@baton/contracts'
import { Pool } from 'undici'
import { sdkAppId } from './callback-bodies.ts'
import type { Load } from './load.ts'
import { quantile } from './quantile.ts'

// Sends callbacks at a rate, however slowly they are answered, and tells as JSON on its last line what came back. Each answer's time counts from
// when its callback was due. Arguments: origin, command, callbacks a second, seconds, seconds of warming up, which count for nothing,
// and what a right answer contains.
const [origin = '', command = '', rate = '1', seconds = '1', warmUp = '0', mark = ''] = process.argv.slice(2)

const example: object = isKnownCommand(command) ? examples[command] : {}
const number = '{number}'
const pieces = JSON.stringify({ ...example, Bench: number }).split(number)
const path = `/?SdkAppid=${sdkAppId}&CallbackCommand=${command}&contenttype=json`
/** As Tencent's backend, which hangs up after 2 s. */
const pool = new Pool(origin, { connections: 512, pipelining: 1, headersTimeout: 2_000, bodyTimeout: 2_000 })

const times: number[] = []
const load: Load = { answers: 0, wrong: 0, broken: 0, seconds: Number(seconds), p50: 0, p99: 0, max: 0 }
const run = Date.now().toString(36)
const began = performance.now()
const due = (nth: number): number => began + nth * 1_000 / Number(rate)
const counted = began + Number(warmUp) * 1_000
const end = counted + Number(seconds) * 1_000

async function send (nth: number): Promise<void> {
  const started = due(nth)
  try {
    const { statusCode, body } = await pool.request({ path, method: 'POST', headers: { 'content-type': 'application/json' }, body: pieces.join(`${run}-${nth}`) })
    const answer = await body.text()
    if (started < counted) return
    load.answers += 1
    if (statusCode !== 200 || !answer.includes('"ErrorCode":0') || !answer.includes(mark)) load.wrong += 1
    times.push(performance.now() - started)
  } catch {
    if (started >= counted) load.broken += 1
  }
}

const underWay = new Set<Promise<void>>()
for (let nth = 0; due(nth) < end;) {
  for (; due(nth) <= performance.now() && due(nth) < end; nth++) {
    const sending = send(nth).finally(() => { underWay.delete(sending) })
    underWay.add(sending)
  }
  await new Promise(resolve => { setTimeout(resolve, 1) })
}
await Promise.all(underWay)
await pool.destroy()
times.sort((a, b) => a - b)
console.log(JSON.stringify({ ...load, p50: quantile(times, 0.5), p99: quantile(times, 0.99), max: times.at(-1) ?? 0 } satisfies Load))
