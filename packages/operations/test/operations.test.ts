import t, { type Test } from 'tap'
import type { Event } from '@baton/contracts'
import { DriftKeeper, Forwarder, QuarantineWriters, Queues, IntakeWriter, Rewinder, connectRedis, consume, registerJournal, giveSign, targetQueue, untilReady } from '@baton/queue'
import { createLogger } from '@baton/runtime'
import { anEvent, arrayJournal, redisServer, workerSign } from '@baton/testing'
import { deadDrop, deadList, deadReplay, deadShow, drift, driftForget, journalList, journalRewind, quarantineList, quarantineShow, status, type DriftFilter } from '../src/index.ts'

const log = createLogger('test', 'silent')

/** Queues with dead letters of these events, by target, the oldest first. */
async function queuesWithDead (t: Test, dead: Record<string, ReturnType<typeof anEvent>[]>) {
  const { url } = await redisServer(t)
  const redis = connectRedis(url, 'consumer', log)
  const queues = new Queues(redis)
  t.teardown(async () => {
    await queues.close()
    redis.disconnect()
  })
  await untilReady(redis, url, 5_000)
  await giveSign(redis, workerSign, Object.keys(dead).map(name => ({ name, backlog: 10_000, maxAge: 60_000 })), 'activate')
  for (const [target, events] of Object.entries(dead)) {
    if (events.length === 0) continue
    let handled = 0
    let all = () => {}
    const everything = new Promise<void>(resolve => { all = resolve })
    const consumer = consume({
      queue: targetQueue(target),
      concurrency: 1,
      redis,
      log,
      handle: async () => {
        if (++handled === events.length) all()
        return { kind: 'dead', reason: 'http_400: no' }
      }
    })
    for (const event of events) await queues.addDeliveries([{ target, events: [event], since: Date.now(), attempts: 0 }])
    await everything
    await consumer.close(5_000)
  }
  return queues
}

/** Brings events into intake, as an ingress's forwarder does. */
async function intake (queues: Queues, ...events: Event[]): Promise<void> {
  const forwarder = new Forwarder(queues, arrayJournal(...events))
  while ((await forwarder.step()).kind !== 'idle');
}

t.test('status: every queue that ever had a worker, intake first', async t => {
  const queues = await queuesWithDead(t, { warehouse: [], crm: [anEvent()] })
  await intake(queues, anEvent())
  t.match(await status(queues), {
    queues: [
      { queue: 'intake', waiting: 1, dead: 0 },
      { queue: 'to-crm', target: 'crm', dead: 1, waiting: 0 },
      { queue: 'to-warehouse', target: 'warehouse', dead: 0 }
    ]
  })
})

t.test('status tells which target lags and how much was dropped', async t => {
  const queues = await queuesWithDead(t, { crm: [], warehouse: [] })
  await queues.redis.hset('baton:{0}:lagging', 'crm', 1_700_000_000_000)
  await queues.redis.hset('baton:{0}:dropped', 'crm', 7)
  t.match(await status(queues), { queues: [{ queue: 'intake' }, { target: 'crm', laggingSince: 1_700_000_000_000, dropped: 7 }, { target: 'warehouse', dropped: 0 }] })
})

t.test('journal list and rewind: journals that give signs of life are asked, and answer how many events that is', async t => {
  const queues = await queuesWithDead(t, { crm: [] })
  const { redis } = queues
  const journal = arrayJournal(...Array.from({ length: 30 }, (_, at) => anEvent({ receivedAt: 1_000 + at })))
  const sign = { depth: 30, unsettled: 12, unforwarded: 0, oldestUnsettledAt: 1_018, unsettledBytes: 9_000, retainedBytes: 14_000, unprotected: 0 }
  await t.rejects(journalRewind(queues, { since: 1_010 }), { code: 'NOT_FOUND', message: /No ingress has given a sign of life/ })
  await registerJournal(redis, 'jgone', { ...sign, at: Date.now() - 60_000 })
  await t.rejects(journalRewind(queues, { since: 1_010 }), { code: 'NOT_FOUND' }, 'one that is gone cannot answer')
  await registerJournal(redis, journal.id, { ...sign, at: Date.now() })
  t.match(await journalList(queues), [{ journal: journal.id, unsettled: 12 }, { journal: 'jgone' }])
  await t.rejects(journalRewind(queues, { since: 1_010, target: 'other' }), { code: 'NOT_FOUND', message: /there are crm/ })

  const rewinder = new Rewinder(queues, new IntakeWriter(queues), journal, log)
  const answering = new AbortController()
  const answers = (async () => {
    while (!answering.signal.aborted) await rewinder.look(30)
  })()
  t.match(await journalRewind(queues, { since: 1_010, dryRun: true }), { journals: [{ journal: journal.id, events: 20 }] })
  t.match(await journalRewind(queues, { since: 1_025, target: 'crm' }), { journals: [{ journal: journal.id, events: 5 }] })
  answering.abort()
  await answers
  while (await rewinder.step());
  t.match(await queues.get('intake').getWaiting(), [{ data: { only: 'crm', events: [{ seq: 26 }, { seq: 27 }, { seq: 28 }, { seq: 29 }, { seq: 30 }] } }])
})

t.test('dead list: the newest of all targets or of one, with the total', async t => {
  const events = Array.from({ length: 230 }, () => anEvent())
  const late = anEvent()
  const queues = await queuesWithDead(t, { crm: events, warehouse: [late] })
  const ids = ({ letters }: Awaited<ReturnType<typeof deadList>>) => letters.map(({ event }) => event.id)
  const all = events.map(({ id }) => id).sort()
  t.match(await deadList(queues, { limit: 1 }), { total: 231, letters: [{ target: 'warehouse', event: { id: late.id } }] })
  t.equal(new Set(ids(await deadList(queues, { target: 'crm', limit: 225 }))).size, 225, 'more than one page, none twice')
  const whole = await deadList(queues, { target: 'crm', limit: 10_000 })
  t.same(ids(whole).sort(), all)
  t.same(whole.letters, whole.letters.toSorted((a, b) => b.diedAt - a.diedAt), 'newest first')
  await t.rejects(deadList(queues, { target: 'unknown' }), { code: 'NOT_FOUND', message: /there are crm, warehouse/ })
})

t.test('dead show: one event at all targets, or at one', async t => {
  const event = anEvent()
  const queues = await queuesWithDead(t, { crm: [event], warehouse: [event], other: [] })
  t.same((await deadShow(queues, event.id)).map(({ target }) => target), ['crm', 'warehouse'])
  t.match(await deadShow(queues, event.id, { target: 'crm' }), [{ target: 'crm', event: { body: event.body }, reason: 'http_400: no' }])
  await t.rejects(deadShow(queues, event.id, { target: 'other' }), { code: 'NOT_FOUND', message: /at other/ })
  await t.rejects(deadShow(queues, 'evt_none'), { code: 'NOT_FOUND', message: /dead list/ })
})

t.test('dead replay: back in the queue and no longer dead; a dry run changes nothing', async t => {
  const event = anEvent()
  const queues = await queuesWithDead(t, { crm: [event], warehouse: [event] })
  t.match(await deadReplay(queues, event.id, { dryRun: true }), [{ target: 'crm' }, { target: 'warehouse' }])
  t.match(await status(queues), { queues: [{}, { waiting: 0, dead: 1 }, { waiting: 0, dead: 1 }] })
  t.match(await deadReplay(queues, event.id, { target: 'crm' }), [{ target: 'crm' }])
  t.match(await status(queues), { queues: [{}, { waiting: 1, dead: 0 }, { waiting: 0, dead: 1 }] })
  await t.rejects(deadReplay(queues, event.id, { target: 'crm' }), { code: 'NOT_FOUND' })
})

t.test('dead drop: gone for good, and counted; a dry run changes nothing', async t => {
  const event = anEvent()
  const queues = await queuesWithDead(t, { crm: [event], warehouse: [event] })
  t.match(await deadDrop(queues, event.id, { dryRun: true }), [{ target: 'crm' }, { target: 'warehouse' }])
  t.match(await status(queues), { queues: [{}, { dead: 1, dropped: 0 }, { dead: 1, dropped: 0 }] })
  t.match(await deadDrop(queues, event.id, { target: 'crm' }), [{ target: 'crm' }])
  t.match(await status(queues), { queues: [{}, { waiting: 0, dead: 0, dropped: 1 }, { dead: 1, dropped: 0 }] })
  await t.rejects(deadDrop(queues, event.id, { target: 'crm' }), { code: 'NOT_FOUND' })
})

t.test('dead replay: operators who replay at the same time do not get into each other\'s way', async t => {
  const event = anEvent()
  const queues = await queuesWithDead(t, { crm: [event], warehouse: [event] })
  const replays = await Promise.all(Array.from({ length: 5 }, async () => await deadReplay(queues, event.id)))
  t.same(replays.flat().map(({ target }) => target).sort(), ['crm', 'warehouse'], 'each was sent by one of them')
  t.match(await status(queues), { queues: [{}, { waiting: 1, dead: 0 }, { waiting: 1, dead: 0 }] })
})

t.test('dead replay: where one target fails, it tells which ones were sent', async t => {
  const event = anEvent()
  const queues = await queuesWithDead(t, { crm: [event], warehouse: [event] })
  // Only the keys of crm may be written; Redis knows such rules from version 7 on.
  const ruled = await queues.redis.call('ACL', 'SETUSER', 'default', 'resetkeys', '%R~*', '%RW~*to-crm*').catch(() => undefined)
  if (ruled === undefined) return t.pass('needs Redis 7', { skip: true })
  await t.rejects(deadReplay(queues, event.id), { code: 'UNEXPECTED', message: new RegExp(`${event.id} is on its way to crm, and the rest failed: .*(NOPERM|permission)`) })
  t.same((await deadShow(queues, event.id)).map(({ target }) => target), ['warehouse'])
})

/** Queues on a Redis with callbacks in quarantine: these many unfit ones, and one that is wrongly signed, received at 1, 2, 3 ... */
async function queuesWithQuarantine (t: Test, unfit: number) {
  const queues = await queuesWithDead(t, {})
  const writers = new QuarantineWriters({ redis: queues.redis, log, settled: () => {} })
  const entry = { app: 14, info: 'why', command: 'Any.Command', query: 'SdkAppid=14', body: Buffer.from([0x7B, 0xFF]) }
  for (let nth = 1; nth <= unfit; nth++) writers.add({ ...entry, kind: 'not-json-object', receivedAt: nth })
  writers.add({ ...entry, kind: 'sign-wrong', command: undefined, receivedAt: unfit + 1 })
  await writers.close()
  return queues
}

t.test('quarantine list: the newest, or those before one of them, with total and evicted; wrongly signed ones by themselves', async t => {
  const queues = await queuesWithQuarantine(t, 120)
  const times = ({ entries }: Awaited<ReturnType<typeof quarantineList>>) => entries.map(({ receivedAt }) => receivedAt)
  const first = await quarantineList(queues)
  t.match(first, { total: 120, evicted: 0, entries: [{ id: /^q_/, kind: 'not-json-object', receivedAt: 120 }] })
  t.equal(first.entries.length, 50)
  const before = first.entries.at(-1)?.id
  t.same(times(await quarantineList(queues, { before, limit: 3 })), [70, 69, 68])
  t.equal((await quarantineList(queues, { before, limit: 1_000 })).entries.length, 70)
  t.match(await quarantineList(queues, { unsigned: true }), { total: 1, evicted: 0, entries: [{ id: /^qu_/, kind: 'sign-wrong', receivedAt: 121 }] })
  await t.rejects(quarantineList(queues, { before, unsigned: true }), { code: 'BAD_ARGUMENT', message: /begin with qu_/ })
  await t.rejects(quarantineList(queues, { before: 'evt_none' }), { code: 'BAD_ARGUMENT', message: /begin with q_/ })
})

t.test('quarantine show: one, from either quarantine, byte for byte', async t => {
  const queues = await queuesWithQuarantine(t, 1)
  for (const unsigned of [false, true]) {
    const { entries: [entry] } = await quarantineList(queues, { unsigned })
    t.same(await quarantineShow(queues, entry?.id ?? ''), entry)
    t.same(entry?.body, Buffer.from([0x7B, 0xFF]))
  }
  for (const id of ['q_1-1', 'evt_none']) await t.rejects(quarantineShow(queues, id), { code: 'NOT_FOUND', message: new RegExp(`no ${id} in quarantine.*quarantine list`) })
})

/** Queues on a Redis in which four deviations are kept, seen at 1, 2, 3 and 4. */
async function queuesWithDrift (t: Test) {
  const queues = await queuesWithDead(t, {})
  const keeper = new DriftKeeper({ redis: queues.redis, log })
  const kinds = ['unknown-command', 'unknown-field', 'unfit-field', 'unknown-field'] as const
  keeper.add({
    seen: kinds.map((kind, at) => ({ kind, command: at < 2 ? 'Group.A' : 'Live.B', field: ['', 'One', 'Two.*', 'One'][at] ?? '', problem: 'why', example: 'null', count: 1, first: at + 1, last: at + 1 })),
    unlisted: { count: 5, last: 9 }
  })
  await keeper.write()
  const times = async (filter?: DriftFilter) => (await drift(queues, filter)).drift.map(({ last }) => last)
  return { queues, times }
}

t.test('drift: all of it, the one seen last first, or what fits a kind, a pattern of commands and a field', async t => {
  const { queues, times } = await queuesWithDrift(t)
  t.match(await drift(queues), { drift: [{ last: 4 }, { last: 3, kind: 'unfit-field', command: 'Live.B', field: 'Two.*', count: 1, first: 3, example: 'null' }, { last: 2 }, { last: 1 }], unlisted: { count: 5, last: 9 } })
  t.same(await times({ kind: 'unknown-field' }), [4, 2])
  t.same(await times({ command: 'Group.*' }), [2, 1])
  t.same(await times({ command: 'Live.B', field: 'One' }), [4])
  t.same(await times({ field: '' }), [1], 'unknown commands')
  t.same(await times({ field: 'Two.*' }), [3], 'a field is no pattern')
  t.same(await times({ command: 'Live.' }), [])
  for (const command of ['', 'a(', '[A-Z].*']) await t.rejects(drift(queues, { command }), { code: 'BAD_ARGUMENT', message: /in quotes/ })
})

t.test('drift forget: what fits and nothing else, or all where that is said; a dry run changes nothing', async t => {
  const { queues, times } = await queuesWithDrift(t)
  for (const options of [{}, { dryRun: true }, { all: true, kind: 'unfit-field' as const }, { kind: undefined }]) {
    await t.rejects(driftForget(queues, options), { code: 'BAD_ARGUMENT', message: /--all/ })
  }
  await t.rejects(driftForget(queues, { command: 'a(' }), { code: 'BAD_ARGUMENT' })
  t.match(await driftForget(queues, { command: 'Group.*', dryRun: true }), [{ last: 2 }, { last: 1 }])
  t.match(await driftForget(queues, { all: true, dryRun: true }), { length: 4 })
  t.same(await driftForget(queues, { kind: 'unknown-command', command: 'Live.*' }), [])
  t.match(await drift(queues), { drift: { length: 4 }, unlisted: { count: 5 } })
  t.match(await driftForget(queues, { command: 'Group.*', field: 'One' }), [{ last: 2 }])
  t.same(await times(), [4, 3, 1])
  t.equal((await drift(queues)).unlisted, undefined, 'there is room again')
  t.match(await driftForget(queues, { all: true }), { length: 3 })
  t.same(await drift(queues), { drift: [], unlisted: undefined })
  t.same(await driftForget(queues, { all: true }), [])
})
