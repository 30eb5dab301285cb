import { once } from 'node:events'
import t from 'tap'
import { createLogger } from '@baton/runtime'
import { anEvent } from '@baton/testing'
import type { Outcome, Target } from '@baton/targets'
import { Calls, type CallsOptions } from '../src/calls.ts'
import { settle, takenApart } from '../src/settle.ts'

type Failure = Exclude<Outcome, { kind: 'delivered' }>

const policy = { firstDelay: 1_000, maxDelay: 60_000, maxAge: 3_600_000 }
const now = 1_700_000_000_000
const delivered: Outcome = { kind: 'delivered' }
const retry: Failure = { kind: 'retry', code: 'http_500', reason: 'the receiver answered 500' }
const slow: Outcome = { ...retry, code: 'http_404', slow: true }
const reject: Failure = { kind: 'reject', code: 'http_400', reason: 'no' }
const deliveryOf = (count: number, fields = {}) => ({ target: 'crm', events: Array.from({ length: count }, () => anEvent()), since: now, attempts: 0, ...fields })
const most = () => 1

t.test('all delivered is done', async t => {
  t.same(settle(deliveryOf(3), [delivered, delivered, delivered], policy, { now }), { verdict: { kind: 'done' }, splits: [] })
})

t.test('a single event: again, dead when rejected, dead when its attempts or its age are used up', async t => {
  t.same(settle(deliveryOf(1), [retry], policy, { now, random: most }), { verdict: { kind: 'again', delay: 1_000, reason: 'http_500: the receiver answered 500' }, splits: [] })
  t.match(settle(deliveryOf(1, { attempts: 2 }), [retry], policy, { now, random: most }), { verdict: { kind: 'again', delay: 4_000 } })
  t.match(settle(deliveryOf(1), [slow], policy, { now, random: most }), { verdict: { kind: 'again', delay: 60_000 } })
  t.same(settle(deliveryOf(1), [reject], policy, { now }), { verdict: { kind: 'dead', reason: 'http_400: no' }, splits: [] })
  t.match(settle(deliveryOf(1, { attempts: 4 }), [retry], { ...policy, attempts: 5 }, { now }), { verdict: { kind: 'dead', reason: /^http_500: .* after 5 attempts/ } })
  t.match(settle(deliveryOf(1, { since: now - policy.maxAge }), [retry], policy, { now }), { verdict: { kind: 'dead', reason: /maximum age/ } })
  t.match(settle(deliveryOf(1, { since: now - policy.maxAge + 10 }), [slow], policy, { now, random: most }), { verdict: { kind: 'again', delay: 10 } }, 'the last attempt is made when the age is reached, not before')
})

t.test('what the target answered goes with the dead letter, and with nothing else', async t => {
  const said = (failure: Failure): Outcome => ({ ...failure, answer: 'no room' })
  t.same(settle(deliveryOf(1), [said(reject)], policy, { now }).verdict, { kind: 'dead', reason: 'http_400: no', answer: 'no room' })
  t.match(settle(deliveryOf(1, { attempts: 4 }), [said(retry)], { ...policy, attempts: 5 }, { now }), { verdict: { kind: 'dead', answer: 'no room' } })
  t.match(settle(deliveryOf(1, { since: now - policy.maxAge }), [said(retry)], policy, { now }), { verdict: { kind: 'dead', answer: 'no room' } })
  t.match(settle(deliveryOf(3), [delivered, said(reject), said(retry)], policy, { now }).splits, [{ rejected: 'http_400: no', answer: 'no room' }, { answer: undefined }])
  t.match(settle(deliveryOf(1), [said(retry)], policy, { now }), { verdict: { kind: 'again', answer: undefined } })
})

t.test('a batch that fails alike retries whole', async t => {
  t.match(settle(deliveryOf(3), [retry, retry, retry], policy, { now, random: most }), { verdict: { kind: 'again', delay: 1_000 }, splits: [] })
  t.match(settle(deliveryOf(2), [retry, slow], policy, { now, random: most }), { verdict: { kind: 'again', delay: 60_000, reason: /http_404/ }, splits: [] })
})

t.test('mixed outcomes split: what failed goes on alone, with its attempts, its age and its own fate', async t => {
  const delivery = deliveryOf(4, { attempts: 1, since: now - 5_000 })
  const [, second, third] = delivery.events
  const { verdict, splits } = settle(delivery, [delivered, retry, reject, delivered], policy, { now, random: most })
  t.same(verdict, { kind: 'done' })
  t.same(splits, [
    { target: 'crm', events: [second], since: now - 5_000, attempts: 2, delay: 2_000 },
    { target: 'crm', events: [third], since: now - 5_000, attempts: 2, rejected: 'http_400: no' }
  ])
})

t.test('a batch whose last attempt fails, or that is rejected whole, becomes dead letters of one event each', async t => {
  const last = settle(deliveryOf(2, { since: now - policy.maxAge }), [retry, retry], policy, { now })
  t.match(last, { verdict: { kind: 'done' }, splits: [{ rejected: /maximum age/ }, { rejected: /maximum age/ }] })
  t.same(settle(deliveryOf(2), [reject, reject], policy, { now }).splits.map(({ events, rejected }) => [events.length, rejected]), [[1, 'http_400: no'], [1, 'http_400: no']])
})

t.test('a target that asks to be left alone gets the event again no sooner', async t => {
  t.match(settle(deliveryOf(1), [{ ...retry, holdFor: 30_000 }], policy, { now, random: most }), { verdict: { kind: 'again', delay: 30_000 } })
  t.match(settle(deliveryOf(1, { since: now - policy.maxAge + 10 }), [{ ...retry, holdFor: 30_000 }], policy, { now, random: most }), { verdict: { kind: 'again', delay: 10 } })
})

t.test('a delivery is taken apart with no attempt counted', async t => {
  const delivery = deliveryOf(3, { attempts: 2 })
  t.same(takenApart(delivery, 1).splits, delivery.events.map(event => ({ ...delivery, events: [event] })))
  t.same(takenApart(delivery, 2).splits.map(({ events }) => events), [delivery.events.slice(0, 2), delivery.events.slice(2)])
})

t.test('what was not tried goes on together with no attempt counted, whatever became of the others', async t => {
  const delivery = deliveryOf(3, { attempts: 2 })
  const [, second, third] = delivery.events
  t.same(settle(delivery, [undefined, undefined, undefined], policy, { untried: 'shut' }), { verdict: { kind: 'shut' }, splits: [] })
  t.same(settle(delivery, [undefined, undefined, undefined], policy), { verdict: { kind: 'back' }, splits: [] })
  t.same(settle(delivery, [delivered, undefined, undefined], policy), { verdict: { kind: 'done' }, splits: [{ ...delivery, events: [second, third] }] })
  t.match(settle(delivery, [delivered, retry, undefined], policy, { now, random: most }), { verdict: { kind: 'done' }, splits: [{ events: [second], attempts: 3, delay: 4_000 }, { events: [third], attempts: 2, delay: undefined }] })
  t.match(settle(delivery, [reject, undefined, delivered], policy, { now }).splits, [{ attempts: 3, rejected: /http_400/ }, { events: [second], attempts: 2, rejected: undefined }])
})

/** A target whose calls end when they are told to. */
function callsOf (options: Partial<CallsOptions>) {
  const open: Array<{ ids: string[], signal: AbortSignal, attempt: number, end: (outcomes: Outcome[] | Error) => void }> = []
  const target: Target = {
    deliver: async (events, { signal, attempt }) => await new Promise((resolve, reject) => {
      open.push({ ids: events.map(({ id }) => id), signal, attempt, end: outcomes => { if (outcomes instanceof Error) reject(outcomes); else resolve(outcomes) } })
    }),
    close: async () => {}
  }
  const calls = new Calls(target, { name: 'crm', together: 3, most: 2, timeout: 60_000, log: createLogger('worker', 'silent'), ...options })
  const events = Array.from({ length: 12 }, () => anEvent())
  const ids = (from: number, to: number) => events.slice(from, to).map(({ id }) => id)
  const alive = new AbortController().signal
  return { open, calls, events, ids, alive, make: (from: number, to: number, letGo = alive, attempt = 1) => calls.make(events.slice(from, to), { attempt, letGo }) }
}

const turn = () => new Promise(resolve => { setImmediate(resolve) })

t.test('a call that is free is made at once; what waits for one goes together, whichever deliveries it is of, and each gets its own outcomes', async t => {
  const { open, make, ids } = callsOf({})
  const made = [make(0, 1), make(1, 2), make(2, 3, undefined, 5), make(3, 5, undefined, 2), make(5, 6)]
  t.same(open.map(call => call.ids), [ids(0, 1), ids(1, 2)], 'two at once')
  open[0]?.end([reject])
  await turn()
  t.match(open.slice(2), [{ ids: ids(2, 5), attempt: 2 }], 'three together')
  open[2]?.end([delivered, retry, delivered])
  open[1]?.end([delivered])
  await turn()
  t.same(open.slice(3).map(call => call.ids), [ids(5, 6)])
  open[3]?.end(new Error('no'))
  t.match(await Promise.all(made), [[reject], [delivered], [delivered], [retry, delivered], [{ kind: 'retry', code: 'unexpected' }]])
})

t.test('a target that takes events one by one gets each in a call of its own', async t => {
  const { open, make, ids } = callsOf({ together: 1 })
  const made = make(0, 4)
  t.same(open.map(call => call.ids), [ids(0, 1), ids(1, 2)])
  open[1]?.end([slow])
  await turn()
  open[0]?.end([delivered])
  await turn()
  open[3]?.end([reject])
  open[2]?.end([retry])
  t.same(await made, [delivered, slow, retry, reject])
})

t.test('who must let go waits no longer, and takes along what is under way only where all of it must', async t => {
  const { open, make } = callsOf({ most: 1 })
  const [one, other] = [new AbortController(), new AbortController()]
  const first = make(0, 1)
  const waits = make(1, 2, one.signal)
  const goesOn = make(2, 3)
  one.abort()
  t.match(await waits, [{ kind: 'retry', code: 'timeout' }])
  open[0]?.end([delivered])
  t.same(await first, [delivered])
  await turn()
  const shared = [make(3, 4, one.signal), make(4, 5, other.signal)]
  t.match(await shared[0], [{ kind: 'retry', code: 'timeout' }], 'aborted before')
  open[1]?.end([delivered])
  t.same(await goesOn, [delivered])
  await turn()
  const [call] = open.slice(2)
  t.equal(call?.signal.aborted, false)
  other.abort()
  if (call?.signal.aborted === false) await once(call.signal, 'abort')
  call?.end([retry])
  t.same(await shared[1], [retry])
})
