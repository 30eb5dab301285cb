import t from 'tap'
import { anEvent } from '@baton/testing'
import type { Outcome } from '@baton/targets'
import { handBack, settle, splitApart } from '../src/settle.ts'

const policy = { firstDelay: 1_000, maxDelay: 60_000, maxAge: 3_600_000 }
const now = 1_700_000_000_000
const delivered: Outcome = { kind: 'delivered' }
const retry: Outcome = { kind: 'retry', code: 'http_500', reason: 'the receiver answered 500' }
const slow: Outcome = { ...retry, code: 'http_404', slow: true }
const reject: Outcome = { kind: 'reject', code: 'http_400', reason: 'no' }
const deliveryOf = (count: number, fields = {}) => ({ target: 'crm', events: Array.from({ length: count }, () => anEvent()), since: now, attempts: 0, ...fields })
const most = () => 1

t.test('all delivered is done', async t => {
  t.same(settle(deliveryOf(3), [delivered, delivered, delivered], policy, now), { verdict: { kind: 'done' }, splits: [] })
})

t.test('a single event: again, dead when rejected, dead when its attempts or its age are used up', async t => {
  t.same(settle(deliveryOf(1), [retry], policy, now, most), { verdict: { kind: 'again', delay: 1_000, reason: 'http_500: the receiver answered 500' }, splits: [] })
  t.match(settle(deliveryOf(1, { attempts: 2 }), [retry], policy, now, most), { verdict: { kind: 'again', delay: 4_000 } })
  t.match(settle(deliveryOf(1), [slow], policy, now, most), { verdict: { kind: 'again', delay: 60_000 } })
  t.same(settle(deliveryOf(1), [reject], policy, now), { verdict: { kind: 'dead', reason: 'http_400: no' }, splits: [] })
  t.match(settle(deliveryOf(1, { attempts: 4 }), [retry], { ...policy, attempts: 5 }, now), { verdict: { kind: 'dead', reason: /^http_500: .* after 5 attempts/ } })
  t.match(settle(deliveryOf(1, { since: now - policy.maxAge }), [retry], policy, now), { verdict: { kind: 'dead', reason: /maximum age/ } })
  t.match(settle(deliveryOf(1, { since: now - policy.maxAge + 10 }), [slow], policy, now, most), { verdict: { kind: 'again', delay: 10 } }, 'the last attempt is made when the age is reached, not before')
})

t.test('a batch that fails alike retries whole', async t => {
  t.match(settle(deliveryOf(3), [retry, retry, retry], policy, now, most), { verdict: { kind: 'again', delay: 1_000 }, splits: [] })
  t.match(settle(deliveryOf(2), [retry, slow], policy, now, most), { verdict: { kind: 'again', delay: 60_000, reason: /http_404/ }, splits: [] })
})

t.test('mixed outcomes split: what failed goes on alone, with its attempts, its age and its own fate', async t => {
  const delivery = deliveryOf(4, { attempts: 1, since: now - 5_000 })
  const [, second, third] = delivery.events
  const { verdict, splits } = settle(delivery, [delivered, retry, reject, delivered], policy, now, most)
  t.same(verdict, { kind: 'done' })
  t.same(splits, [
    { target: 'crm', events: [second], since: now - 5_000, attempts: 2, delay: 2_000 },
    { target: 'crm', events: [third], since: now - 5_000, attempts: 2, rejected: 'http_400: no' }
  ])
})

t.test('a batch whose last attempt fails, or that is rejected whole, becomes dead letters of one event each', async t => {
  const last = settle(deliveryOf(2, { since: now - policy.maxAge }), [retry, retry], policy, now)
  t.match(last, { verdict: { kind: 'done' }, splits: [{ rejected: /maximum age/ }, { rejected: /maximum age/ }] })
  t.same(settle(deliveryOf(2), [reject, reject], policy, now).splits.map(({ events, rejected }) => [events.length, rejected]), [[1, 'http_400: no'], [1, 'http_400: no']])
})

t.test('a delivery that a dead worker had in hand is taken apart, with no attempt counted', async t => {
  const delivery = deliveryOf(3, { attempts: 2 })
  t.same(splitApart(delivery).splits, delivery.events.map(event => ({ ...delivery, events: [event] })))
})

t.test('what our own end cut short goes back with no attempt counted', async t => {
  const delivery = deliveryOf(3, { attempts: 2 })
  t.same(handBack(delivery, [retry, retry, retry]), { verdict: { kind: 'back' }, splits: [] })
  t.same(handBack(delivery, [delivered, retry, delivered]), { verdict: { kind: 'done' }, splits: [{ ...delivery, events: [delivery.events[1]] }] })
  t.same(handBack(deliveryOf(1), [delivered]), { verdict: { kind: 'done' }, splits: [] })
})
