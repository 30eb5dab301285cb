import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { anEvent } from '@baton/testing'
import type { Event } from '@baton/contracts'
import t from 'tap'
import { openJournal, openJournalReader } from '../src/index.ts'
import { decodeMarks, newMarks } from '../src/marks.ts'
import { encodeBatch } from '../src/batch.ts'
import { Measured } from '../src/record.ts'
import { openStore } from '../src/store.ts'
import { aFolder, aJournal, all, bytesOf, day, ofSize, seeded } from './a-journal.ts'

/** ms by which an event may be appended later than another that was received after it. */
const disorder = 5_000

t.test('appends get numbers in the order of the calls, from 1 and without gaps', async t => {
  const journal = await aJournal(t)
  t.equal(journal.flushed, 0)
  t.equal(journal.obstacle(), undefined)

  const events = Array.from({ length: 3000 }, () => anEvent())
  t.same(await Promise.all(events.map(event => journal.append(event))), events.map((_, at) => at + 1))

  t.equal(journal.flushed, 3000)
  t.same(journal.read(0, all).map(({ event }) => event.id), events.map(({ id }) => id))
})

t.test('an event comes back exactly as it was appended', async t => {
  const journal = await aJournal(t)
  const bodies = [
    Buffer.from('\uFEFF{"Name":"👩‍👩‍👧 ÄÖ \\u0000","Id":18446744073709551615}'),
    Buffer.from('{}'),
    Buffer.alloc(0),
    Buffer.from([0xff, 0x00, 0xfe, 0x80]),
    Buffer.alloc(1 << 20, 'é'),
    Buffer.alloc(3000, 'a'),
    Buffer.alloc(5 << 20, 'b')
  ]
  const events = bodies.map((body, at) => ({ ...anEvent(), body, eventTime: at % 2 === 0 ? null : 1700000000000 + at, appId: 2 ** 32 - 1 + at, orderingKey: '鍵'.repeat(at), query: at === 0 ? '' : 'a=%F0%9F%98%80', ...(at % 3 === 1 && { decision: { verdict: 'deny' as const, by: 'endpoint' as const, answer: '{"ErrorInfo":"Nein, 鍵"}', took: 36.5 } }) }))
  await Promise.all(events.map(event => journal.append(event)))

  for (const [at, { seq, event }] of journal.read(0, all).entries()) {
    t.equal(seq, at + 1)
    t.same({ journal: 'jtest', seq: events[at]?.seq, ...event, body: null }, { ...events[at], body: null })
    t.ok(event.body.equals(bodies[at] ?? Buffer.of(1)), `body ${at}`)
  }
})

t.test('what was read stays as it was, whatever is written later', async t => {
  const journal = await aJournal(t)
  await journal.append(ofSize(1 << 20))
  await journal.append(ofSize(600))
  const read = journal.read(0, all)
  await journal.settle(2)
  for (let at = 0; at < 20; at++) {
    await journal.append({ ...anEvent(), body: Buffer.alloc(1 << 20, 'y') })
    await journal.settle(journal.flushed)
    await journal.trim(journal.flushed)
  }
  t.ok(read.every(({ event }) => event.body.every(byte => byte === 0x78)))
})

t.test('a read is bounded by count and by bytes, and an entry that is too large comes alone', async t => {
  const journal = await aJournal(t)
  for (const size of [100, 100, 100, 5000, 100]) await journal.append(ofSize(size))
  const size = bytesOf(ofSize(100))
  const seqs = (after: number, limit: { count: number, bytes: number }) => journal.read(after, limit).map(({ seq }) => seq)

  t.same(seqs(0, { count: 2, bytes: Infinity }), [1, 2])
  t.same(seqs(0, { count: 10, bytes: 2 * size + 50 }), [1, 2])
  t.same(seqs(2, { count: 10, bytes: 1 }), [3])
  t.same(seqs(3, { count: 10, bytes: 1000 }), [4])
  t.same(seqs(5, all), [])
})

t.test('an append is not flushed before it resolves', async t => {
  const journal = await aJournal(t)
  const appended = journal.append(anEvent())
  t.equal(journal.flushed, 0)
  t.same(journal.read(0, all), [])
  await appended
  t.equal(journal.flushed, 1)
})

t.test('a journal keeps its id, its watermark, its notes and its numbers when it is opened again', async t => {
  const folder = aFolder(t)
  const first = await aJournal(t, { folder })
  t.match(first.id, /^j[a-z2-7]{16}$/)
  for (let at = 0; at < 5; at++) await first.append(anEvent())
  await first.settle(3)
  await first.settle(2)
  await first.remember('deployment', 'd1')
  await first.remember('gone', 'x')
  await first.remember('gone', null)
  const before = first.stats()
  await first.close()

  const again = await aJournal(t, { folder })
  t.equal(again.id, first.id)
  t.equal(again.settledTo, 3)
  t.equal(again.recall('deployment'), 'd1')
  t.equal(again.recall('gone'), undefined)
  t.match(again.stats(), { ...before, bytes: { unsettled: before.bytes.unsettled, retained: before.bytes.retained, file: Number, free: Number } })
  t.equal(await again.append(anEvent()), 6)
})

t.test('numbers go on after everything was removed', async t => {
  const folder = aFolder(t)
  const first = await aJournal(t, { folder, retention: -1 })
  for (let at = 0; at < 5; at++) await first.append(anEvent())
  await first.settle(5)
  t.same(await first.trim(5), { removed: 5 })
  t.match(first.stats(), { depth: 0, unsettled: 0, oldestReceivedAt: null, oldestUnsettledAt: null, bytes: { unsettled: 0, retained: 0 } })
  await first.close()
  t.equal(await (await aJournal(t, { folder })).append(anEvent()), 6)
})

t.test('a renewed journal has another id, the same records, and goes on with its numbers', async t => {
  const folder = aFolder(t)
  const journal = await aJournal(t, { folder })
  await journal.append(anEvent())
  await journal.append(anEvent())
  await journal.settle(1)
  const old = journal.id
  const id = await journal.renew()
  t.not(id, old)
  t.equal(journal.id, id)
  t.match(id, new RegExp(`^${old}\\.[a-z2-7]{8}$`), 'by which others know that numbers are the same')
  t.equal(journal.settledTo, 1)
  t.equal(journal.read(0, all).length, 2)
  t.equal(await journal.append(anEvent()), 3)
  const third = await journal.renew()
  t.match(third, new RegExp(`^${old}\\.[a-z2-7]{8}$`), 'however often')
  t.not(third, id)
  await journal.close()
  t.equal((await aJournal(t, { folder })).id, third)
})

t.test('a watermark beyond the journal is refused, as it is of a journal that knew more', async t => {
  const journal = await aJournal(t)
  await journal.append(anEvent())
  await t.rejects(journal.settle(2), { code: 'JOURNAL_BEHIND' })
  t.equal(journal.settledTo, 0)
})

t.test('trim removes what is older than the retention, and nothing that is not settled or not routed', async t => {
  let now = 1_000_000
  const journal = await aJournal(t, { retention: 1000, now: () => now })
  for (let at = 0; at < 10; at++) await journal.append(anEvent({ receivedAt: 1_000_000 + 100 * at }))
  now += 1450
  t.same(await journal.trim(10), { removed: 0 })
  await journal.settle(8)
  t.same(await journal.trim(3), { removed: 3 })
  t.same(await journal.trim(10), { removed: 2 })
  t.equal(journal.stats().oldestReceivedAt, 1_000_500)
  now += day
  t.same(await journal.trim(10), { removed: 3 })
  t.same(journal.read(0, all).map(({ seq }) => seq), [9, 10])
  t.match(journal.stats(), { depth: 2, unsettled: 2, oldestUnsettledAt: 1_000_800 })
})

t.test('trim removes the oldest of what is beyond the retained quota, in many small commits', async t => {
  const size = bytesOf(ofSize(200))
  const journal = await aJournal(t, { retainedQuota: 10 * size })
  for (let at = 0; at < 250; at++) await Promise.all(Array.from({ length: 10 }, () => journal.append(ofSize(200))))
  await journal.settle(2400)
  let settled = false
  const trimmed = journal.trim(2500).finally(() => { settled = true })
  await journal.append(ofSize(200))
  t.notOk(settled, 'an append does not wait for the whole trim')
  t.same(await trimmed, { removed: 2390 })
  t.equal(journal.read(0, { count: 1, bytes: 0 })[0]?.seq, 2391)
})

t.test('what came in one commit is stored in batches, and removed by whole batches', async t => {
  const folder = aFolder(t)
  const journal = await aJournal(t, { folder, retention: -1 })
  const sizes = [...Array.from({ length: 100 }, () => 1000), 70_000, 1000, 64_000, 2000, 1_000_000, 10]
  await Promise.all(sizes.map(size => journal.append(ofSize(size))))
  const store = openStore(folder, 'read')
  t.teardown(() => store.close())
  const ends = [...new Set(sizes.map((_, at) => store.batch(at + 1).last))]
  t.equal(ends.length, 8, `${ends}`)
  t.ok(ends[0] !== undefined && ends[0] > 40 && ends[0] < 64)

  for (let seq = 1; seq <= sizes.length; seq++) {
    await journal.settle(seq)
    const kept = sizes.length - (ends.findLast(end => end <= seq) ?? 0)
    const { removed } = await journal.trim(sizes.length)
    t.equal(removed, ends.includes(seq) ? seq - (ends.findLast(end => end < seq) ?? 0) : 0, `settled to ${seq}`)
    t.match(journal.stats(), { depth: kept, unsettled: sizes.length - seq, bytes: { unsettled: sizes.slice(seq).reduce((sum, size) => sum + bytesOf(ofSize(size)), 0) } })
    t.same(journal.read(0, all).map(({ event }) => event.body.length), sizes.slice(sizes.length - kept))
  }
  t.match(journal.stats().bytes, { unsettled: 0, retained: 0 })
})

t.test('trim keeps a batch of which anything is not routed or too young', async t => {
  let now = 1_000_000
  const journal = await aJournal(t, { retention: 1000, now: () => now })
  for (let batch = 0; batch < 3; batch++) await Promise.all(Array.from({ length: 10 }, (_, at) => journal.append(anEvent({ receivedAt: 1_000_000 + 100 * batch + 10 * at }))))
  await journal.settle(30)
  now += 1000 + 90
  t.same(await journal.trim(30), { removed: 0 }, 'the tenth is as old as may be')
  now += 1
  t.same(await journal.trim(9), { removed: 0 }, 'the tenth is not routed')
  t.same(await journal.trim(10), { removed: 10 })
  now += day
  t.same(await journal.trim(29), { removed: 10 })
  t.same(await journal.trim(30), { removed: 10 })
})

t.test('reads and stats see one commit whole, at any moment of a trim', async t => {
  const journal = await aJournal(t, { retention: -1 })
  for (let at = 0; at < 1000; at++) await Promise.all(Array.from({ length: 10 }, () => journal.append(ofSize(20))))
  await journal.settle(10_000)
  let looks = 0
  const look = () => {
    const { depth, oldestReceivedAt } = journal.stats()
    const first = journal.read(0, { count: 1, bytes: 0 })[0]
    if (depth > 0 && oldestReceivedAt === null) t.fail('an oldest record without a time')
    if (first !== undefined && first.seq % 2000 !== 1) t.fail(`half a commit: ${first.seq}`)
    looks++
  }
  const trimmed = journal.trim(10_000)
  const nextTurn = () => new Promise<undefined>(resolve => { setImmediate(resolve, undefined) })
  while (await Promise.race([trimmed, nextTurn()]) === undefined) {
    for (let at = 0; at < 20; at++) look()
  }
  t.same(await trimmed, { removed: 10_000 })
  t.comment(`${looks} looks`)
})

t.test('what is settled gives way before an append is refused, what is not settled never', async t => {
  const size = bytesOf(ofSize(200))
  const journal = await aJournal(t, { unsettledQuota: 10 * size, retainedQuota: 10 * size })
  for (let at = 0; at < 20; at++) await journal.append(ofSize(200))
  await t.rejects(journal.append(ofSize(200)), { code: 'JOURNAL_FULL', reason: 'quota' })
  t.match(journal.obstacle(), /not settled/)
  t.equal(journal.flushed, 20)

  await journal.settle(5)
  t.equal(journal.obstacle(), undefined)
  for (let at = 0; at < 5; at++) t.equal(await journal.append(ofSize(200)), 21 + at)
  await t.rejects(journal.append(ofSize(200)), { code: 'JOURNAL_FULL', reason: 'quota' })
  t.same(journal.read(0, all).map(({ seq }) => seq), Array.from({ length: 20 }, (_, at) => 6 + at))
  t.match(journal.stats(), { depth: 20, unsettled: 20, bytes: { unsettled: 20 * size, retained: 0 } })
})

t.test('what is settled of a batch that is not wholly settled cannot give way, and is counted', async t => {
  const size = bytesOf(ofSize(200))
  const journal = await aJournal(t, { unsettledQuota: 10 * size, retainedQuota: 10 * size, retention: -1 })
  for (let batch = 0; batch < 2; batch++) await Promise.all(Array.from({ length: 10 }, () => journal.append(ofSize(200))))
  await journal.settle(9)
  t.match(journal.obstacle(), /not settled/)
  await t.rejects(journal.append(ofSize(200)), { code: 'JOURNAL_FULL', reason: 'quota' })
  await journal.settle(10)
  t.equal(journal.obstacle(), undefined)
  t.equal(await journal.append(ofSize(200)), 21)
  t.match(journal.stats(), { depth: 11, unsettled: 11, bytes: { unsettled: 11 * size, retained: 0 } })
})

t.test('of many appends at once exactly those that fit are taken', async t => {
  const size = bytesOf(ofSize(200))
  const journal = await aJournal(t, { unsettledQuota: 1500 * size, retainedQuota: 0 })
  const results = await Promise.allSettled(Array.from({ length: 2000 }, () => journal.append(ofSize(200))))
  t.same(results.map(({ status }) => status), Array.from({ length: 2000 }, (_, at) => at < 1500 ? 'fulfilled' : 'rejected'))
  t.equal(journal.read(0, all).length, 1500)
})

t.test('a disk that is nearly full refuses, after what is settled gave way', async t => {
  const journal = await aJournal(t, { minimumFree: 2 ** 60 })
  await t.rejects(journal.append(anEvent()), { code: 'JOURNAL_FULL', reason: 'disk' })
  t.match(journal.obstacle(), /Free space/)
  await journal.remember('still', 'written')
  t.equal(journal.recall('still'), 'written')
})

t.test('marks and bytes are what a scan finds, after any changes', async t => {
  for (const seed of [1, 2, 3]) {
    const random = seeded(seed)
    const upTo = (most: number) => Math.floor(random() * (most + 1))
    const folder = aFolder(t)
    let now = Date.now()
    const options = { folder, unsettledQuota: 300_000, retainedQuota: 100_000, retention: 5000, now: () => now }
    let journal = await aJournal(t, options)
    for (let step = 0; step < 150; step++) {
      await Promise.allSettled(Array.from({ length: upTo(12) }, () => journal.append(ofSize(upTo(6000), { receivedAt: now++ }))))
      const act = upTo(5)
      const settledTo = journal.settledTo
      if (act <= 1) await journal.settle(upTo(journal.flushed))
      if (act === 2) await Promise.all([journal.trim(upTo(journal.flushed)), journal.remember('note', String(step))])
      if (act === 3) now += upTo(4000)
      if (act === 4 && step % 10 === 0) {
        await journal.close()
        journal = await aJournal(t, options)
      }
      if (journal.settledTo < settledTo) t.fail('the watermark went back')
      const entries = journal.read(0, all)
      const sizes = entries.map(({ seq, event }) => ({ seq, bytes: bytesOf(event) }))
      const sum = (wanted: (seq: number) => boolean) => sizes.reduce((total, { seq, bytes }) => wanted(seq) ? total + bytes : total, 0)
      const { depth, unsettled, bytes } = journal.stats()
      const found = { depth, unsettled, unsettledBytes: bytes.unsettled, retainedBytes: bytes.retained, last: journal.flushed }
      const counted = { depth: entries.length, unsettled: entries.filter(({ seq }) => seq > journal.settledTo).length, unsettledBytes: sum(seq => seq > journal.settledTo), retainedBytes: sum(seq => seq <= journal.settledTo), last: entries.at(-1)?.seq ?? journal.flushed }
      if (JSON.stringify(found) !== JSON.stringify(counted) || entries.some(({ seq }, at) => seq !== journal.flushed - entries.length + 1 + at)) t.same(found, counted, `seed ${seed}, step ${step}`)
      if (bytes.unsettled + bytes.retained > 400_000) t.fail('beyond the quotas')
    }
    t.ok(journal.flushed > 300, `seed ${seed}: ${journal.flushed} events`)
  }
})

t.test('the file keeps its size when records come and go', async t => {
  const journal = await aJournal(t, { retainedQuota: 0 })
  const round = async () => {
    await Promise.all(Array.from({ length: 500 }, () => journal.append(ofSize(600))))
    await journal.settle(journal.flushed)
    await journal.trim(journal.flushed)
  }
  for (let at = 0; at < 5; at++) await round()
  const { file } = journal.stats().bytes
  for (let at = 0; at < 40; at++) await round()
  t.ok(journal.stats().bytes.file <= 2 * file, `${file} bytes, then ${journal.stats().bytes.file}`)
})

t.test('the file keeps its size when records of all sizes come in commits of all sizes, and go later', async t => {
  const journal = await aJournal(t, { retainedQuota: 2_000_000 })
  const random = seeded(11)
  const size = () => random() < 0.005 ? Math.floor(random() * 500_000) : Math.floor(random() ** 2 * 3000)
  let most = 0
  for (let round = 0; round < 600; round++) {
    await Promise.all(Array.from({ length: 1 + Math.floor(random() ** 3 * 200) }, () => journal.append(ofSize(size()))))
    const lag = Math.floor((1 + Math.sin(round / 50)) * 1000)
    await journal.settle(Math.max(0, journal.flushed - lag))
    if (round % 5 === 0) await journal.trim(journal.flushed)
    const { unsettled, retained } = journal.stats().bytes
    most = Math.max(most, unsettled + retained)
  }
  const { file } = journal.stats().bytes
  t.ok(file < 1.3 * most + 1_000_000)
  t.comment(`${journal.flushed} events, at most ${most} bytes of them at once, ${file} bytes of file`)
})

t.test('close waits for all that was asked for, and refuses what comes after', async t => {
  const folder = aFolder(t)
  const journal = await aJournal(t, { folder })
  const appended = Array.from({ length: 1500 }, () => journal.append(anEvent()))
  const remembered = journal.remember('last', 'words')
  await journal.close()
  t.same(await Promise.all(appended), appended.map((_, at) => at + 1))
  await remembered
  await t.rejects(journal.append(anEvent()), { code: 'JOURNAL_CLOSED' })
  t.throws(() => journal.read(0, all), { code: 'JOURNAL_CLOSED' })
  t.throws(() => journal.stats(), { code: 'JOURNAL_CLOSED' })
  t.match(journal.obstacle(), /closed/)
  await journal.close()

  const again = await aJournal(t, { folder })
  t.equal(again.flushed, 1500)
  t.equal(again.recall('last'), 'words')
})

t.test('a batch of an unknown version, a damaged or a missing one and a damaged record are errors that say where to read on', async t => {
  const folder = aFolder(t)
  const journal = await aJournal(t, { folder })
  for (let at = 0; at < 6; at++) await Promise.all(Array.from({ length: 10 }, () => journal.append(anEvent())))
  await journal.close()
  const store = openStore(folder, { mapSize: 1 << 30 })
  const marks = store.marks() ?? newMarks()
  const batch = () => encodeBatch(0, Array.from({ length: 10 }, () => new Measured(anEvent())))
  const [unknown, short, damaged] = [batch(), batch().subarray(0, -1), batch()]
  unknown[0] = 9
  damaged.fill(0xff, damaged.readUInt32LE(16) + 56 + 24, damaged.readUInt32LE(16) + 56 + 44) // the lengths of the second record's texts
  await store.write({ after: marks, batches: new Map([[1, unknown], [11, short], [41, damaged]]), removed: [31], notes: new Map() })
  await store.close()

  const again = await aJournal(t, { folder })
  t.throws(() => again.read(0, all), { code: 'JOURNAL_UNREADABLE', seq: 10, message: /version 9/ })
  t.throws(() => again.read(12, all), { code: 'JOURNAL_UNREADABLE', seq: 20, message: /damaged/ })
  t.same(again.read(20, all).map(({ seq }) => seq), [21, 22, 23, 24, 25, 26, 27, 28, 29, 30])
  t.throws(() => again.read(30, all), { code: 'JOURNAL_UNREADABLE', seq: 40, message: /missing/ })
  t.same(again.read(40, all).map(({ seq }) => seq), [41])
  t.throws(() => again.read(41, all), { code: 'JOURNAL_UNREADABLE', seq: 42, message: /Record 42 .*damaged/ })
  t.same(again.read(42, { count: 10, bytes: Infinity }).map(({ seq }) => seq), [43, 44, 45, 46, 47, 48, 49, 50, 51, 52])
  t.match(again.stats(), { unsettled: 60, oldestUnsettledAt: null }, 'figures are told all the same')
})

/** A batch as Baton wrote it before there were decisions. */
function batchOfVersionOne (events: readonly Event[]): Buffer {
  const records = events.map(({ id, command, query, orderingKey, receivedAt, eventTime, appId, body }) => {
    const texts = Buffer.from(id + command + query + orderingKey)
    const head = Buffer.alloc(40)
    head.writeDoubleLE(receivedAt, 0)
    head.writeDoubleLE(eventTime ?? NaN, 8)
    head.writeDoubleLE(appId, 16)
    for (const [at, length] of [texts.length, id.length, command.length, query.length].entries()) head.writeUInt32LE(length, 24 + 4 * at)
    return Buffer.concat([head, texts, body])
  })
  const head = Buffer.alloc(16 + 4 * records.length)
  head.writeUInt8(1, 0)
  head.writeUInt32LE(records.length, 4)
  records.reduce((end, { length }, at) => head.writeUInt32LE(end + length, 16 + 4 * at) && end + length, 0)
  return Buffer.concat([head, ...records])
}

t.test('what an earlier Baton has written is read', async t => {
  const folder = aFolder(t)
  const journal = await aJournal(t, { folder })
  const events = Array.from({ length: 10 }, (_, at) => anEvent({ orderingKey: '鍵'.repeat(at), eventTime: at % 2 === 0 ? null : at, body: { Name: `ünïcode ${at}` } }))
  await Promise.all(events.map(event => journal.append({ ...event, decision: { verdict: 'allow', by: 'endpoint', took: 1 } })))
  await journal.close()
  const store = openStore(folder, { mapSize: 1 << 30 })
  await store.write({ after: store.marks() ?? newMarks(), batches: new Map([[1, batchOfVersionOne(events)]]), removed: [], notes: new Map() })
  await store.close()

  const again = await aJournal(t, { folder })
  t.same(again.read(0, all).map(({ event, seq }) => ({ ...event, journal: 'jtest', seq: events[seq - 1]?.seq })), events)
})

t.test('what cannot be read is settled and removed like the rest', async t => {
  const folder = aFolder(t)
  const journal = await aJournal(t, { folder })
  const spread = 10_000
  for (let at = 0; at < 6; at++) await Promise.all(Array.from({ length: 10 }, (_, nth) => journal.append(anEvent({ receivedAt: spread * (100 * at + nth) }))))
  await journal.close()
  const store = openStore(folder, { mapSize: 1 << 30 })
  const damaged = Buffer.from([9])
  await store.write({ after: store.marks() ?? newMarks(), batches: new Map([[1, damaged], [11, damaged], [51, damaged]]), removed: [31], notes: new Map() })
  await store.close()

  const again = await aJournal(t, { folder, retention: 0, now: () => 1_000 * spread })
  const reader = openJournalReader(folder)
  t.teardown(() => reader.close())
  t.equal(reader.firstSince(0), 1)
  t.equal(reader.firstSince(205 * spread + disorder), 26)
  t.equal(reader.firstSince(409 * spread + disorder), 50)
  t.equal(reader.surplusTo(19 * bytesOf(anEvent())), 41)
  const steps = [[5, 0], [10, 10], [19, 0], [25, 10], [34, 10], [40, 10], [45, 0], [50, 10], [60, 0]]
  for (const [upTo = 0, removed] of steps) {
    await again.settle(upTo)
    t.same(await again.trim(60), { removed }, `settled to ${upTo}`)
    t.match(again.stats(), { unsettled: 60 - upTo })
  }
  await again.append(anEvent({ receivedAt: 700 }))
  t.same(await again.trim(60), { removed: 10 }, 'how old they are is known of the one after them alone')
  t.equal(again.read(0, all)[0]?.seq, 61)
  await again.close()
  const left = openStore(folder, 'read')
  t.teardown(() => left.close())
  t.throws(() => left.batch(60), { code: 'JOURNAL_UNREADABLE', seq: 60 })
})

t.test('a folder that is no journal is refused with what to do', async t => {
  const folder = aFolder(t)
  for (const content of [Buffer.from('no database, but a letter'.repeat(1000)), Buffer.from('x'), Buffer.alloc(8192)]) {
    writeFileSync(join(folder, 'data.mdb'), content)
    await t.rejects(openJournal({ folder, unsettledQuota: 1e6, retainedQuota: 1e6, retention: day, minimumFree: 0 }), { code: 'JOURNAL_UNREADABLE', message: /BATON_DATA_DIR/ })
  }
  await t.rejects(openJournal({ folder: join(folder, 'data.mdb', 'below'), unsettledQuota: 1e6, retainedQuota: 1e6, retention: day, minimumFree: 0 }), { code: 'JOURNAL_UNWRITABLE', message: /BATON_DATA_DIR/ })
  t.throws(() => openJournalReader(join(folder, 'nowhere')), { code: 'JOURNAL_UNREADABLE' })
  t.notOk(existsSync(join(folder, 'nowhere')))
  t.throws(() => decodeMarks(Buffer.from('{"v":1}')), { code: 'JOURNAL_UNREADABLE', message: /version 1/ })
  t.throws(() => decodeMarks(Buffer.from('{"v":2,"id":"j"}')), { code: 'JOURNAL_UNREADABLE', message: /damaged/ })
  t.throws(() => decodeMarks(Buffer.from('[')), { code: 'JOURNAL_UNREADABLE', message: /damaged/ })
})

t.test('a reader in another thread follows a live writer, and sees only what is flushed', async t => {
  const folder = aFolder(t)
  const journal = await aJournal(t, { folder })
  await journal.append(anEvent())
  const worker = new Worker(`
    const { parentPort, workerData: { journal, folder, total } } = require('node:worker_threads')
    const { createHash } = require('node:crypto')
    import(journal).then(async ({ openJournalReader }) => {
      const reader = openJournalReader(folder)
      const hash = createHash('sha256')
      let after = 0, reads = 0
      while (after < total) {
        for (const { seq, event } of reader.read(after, total, { count: 100, bytes: 1e6 })) {
          if (seq !== after + 1) throw new Error('a gap after ' + after)
          after = seq
          hash.update(event.body)
        }
        reads++
        await new Promise(resolve => setImmediate(resolve))
      }
      const beyond = reader.read(0, 3, { count: 100, bytes: 1e6 }).map(({ seq }) => seq)
      parentPort.postMessage({ id: reader.id, digest: hash.digest('hex'), reads, beyond })
      await reader.close()
    })`, { eval: true, workerData: { journal: import.meta.resolve('@baton/journal'), folder, total: 6001 } })
  const said = once(worker, 'message') // rejects with an error of the thread
  const exited = once(worker, 'exit')
  const expected = createHash('sha256')
  for (const { event } of journal.read(0, all)) expected.update(event.body)
  for (let at = 0; at < 300; at++) {
    const events = Array.from({ length: 20 }, (_, nth) => nth === 7 && at % 50 === 0 ? ofSize(1 << 20) : anEvent())
    await Promise.all(events.map(event => journal.append(event)))
    for (const event of events) expected.update(event.body)
    if (at % 40 === 0) await journal.trim(journal.flushed)
  }
  const [{ id, digest, reads, beyond }] = await said
  t.equal(id, journal.id)
  t.equal(digest, expected.digest('hex'))
  t.same(beyond, [1, 2, 3])
  t.comment(`${reads} reads`)
  await exited
  t.equal(await journal.append(anEvent()), 6002)
})

t.test('a reader sees a removal, a renewal and a reopened journal', async t => {
  const folder = aFolder(t)
  const journal = await aJournal(t, { folder, retention: -1 })
  for (let at = 0; at < 5; at++) await journal.append(anEvent())
  const reader = openJournalReader(folder)
  t.teardown(() => reader.close())
  t.equal(reader.read(0, Infinity, all).length, 5)
  await journal.settle(2)
  await journal.trim(5)
  t.same(reader.read(0, 4, all).map(({ seq }) => seq), [3, 4])
  t.equal(await journal.renew(), reader.id)
  await journal.close()
  const again = await aJournal(t, { folder })
  await again.append(anEvent())
  t.same(reader.read(4, Infinity, all).map(({ seq }) => seq), [5, 6])
})

t.test('a reader tells the bounds, the stats and the notes of the latest commit', async t => {
  const folder = aFolder(t)
  const journal = await aJournal(t, { folder, retention: -1 })
  const reader = openJournalReader(folder)
  t.teardown(() => reader.close())
  t.same(reader.bounds(), { trimmedTo: 0, settledTo: 0, flushed: 0 })
  t.match(reader.stats(), { depth: 0, unsettled: 0, oldestReceivedAt: null, oldestUnsettledAt: null })

  for (let at = 0; at < 9; at++) await journal.append(anEvent())
  await journal.settle(6)
  await journal.trim(4)
  await journal.settle(9)
  t.same(reader.bounds(), { trimmedTo: 4, settledTo: 9, flushed: 9 })
  const { bytes: { free, ...bytes }, ...stats } = journal.stats()
  t.same(reader.stats(), { ...stats, bytes })
  t.ok(free > 0)

  t.same(reader.notes(''), new Map())
  await journal.rememberAll(new Map([['dead:b', '2'], ['dead:a', '1'], ['deae', 'x'], ['dead', 'y'], ['dead:\uFFFF', 'ä']]))
  t.same(reader.notes('dead:'), new Map([['dead:a', '1'], ['dead:b', '2'], ['dead:\uFFFF', 'ä']]))
  await journal.rememberAll(new Map([['dead:b', null], ['dead:c', '3']]))
  t.same([...reader.notes('dead:').keys()].sort(), ['dead:a', 'dead:c', 'dead:\uFFFF'])
  t.equal(reader.notes('').size, 5)
  t.equal(reader.recall('deae'), 'x')
  t.equal(reader.recall('dead:b'), undefined)
  t.equal(journal.recall('dead:c'), '3')
})

t.test('an event that was appended after others which were received after it is in every range that it belongs to', async t => {
  const folder = aFolder(t)
  const journal = await aJournal(t, { folder })
  const times = [0, 1_000, 1_100, 500, 1_200, 30_000, 31_900, 30_100, 31_950, 60_000].map(time => 1_000_000 + time)
  for (const receivedAt of times) await journal.append(anEvent({ receivedAt }))
  const reader = openJournalReader(folder)
  t.teardown(() => reader.close())
  for (const time of times.flatMap(at => [at, at + 1])) {
    t.notOk(times.some((at, nth) => nth + 1 < reader.firstSince(time) && at >= time), `before the first since ${time}`)
    t.notOk(times.some((at, nth) => nth + 1 > reader.lastUntil(time) && at < time), `after the last until ${time}`)
  }
  t.equal(reader.firstSince(1_030_000), 6, 'and not all that there is')
  t.equal(reader.lastUntil(1_030_000), 9)
})

t.test('a reader finds the first number since a time, and up to where a surplus reaches', async t => {
  const folder = aFolder(t)
  const journal = await aJournal(t, { folder, retention: -1 })
  const reader = openJournalReader(folder)
  t.teardown(() => reader.close())
  t.equal(reader.firstSince(0), 1)
  t.equal(reader.surplusTo(0), 0)

  const random = seeded(5)
  const received: number[] = []
  const sizes: number[] = []
  let receivedAt = 1_000_000
  for (const count of [1, 40, 1, 300, 7, 1]) {
    const events = Array.from({ length: count }, () => {
      receivedAt += 1 + Math.floor(random() * 5)
      return ofSize(Math.floor(random() * 3000), { receivedAt })
    })
    await Promise.all(events.map(event => journal.append(event)))
    received.push(...events.map(event => event.receivedAt))
    sizes.push(...events.map(event => bytesOf(event)))
  }
  const check = () => {
    const { trimmedTo, settledTo, flushed } = reader.bounds()
    for (let time = 999_998; time < receivedAt + 3; time++) {
      const first = received.findIndex((at, nth) => nth >= trimmedTo && at >= time)
      if (reader.firstSince(time + disorder) !== (first < 0 ? flushed : first) + 1) t.fail(`first since ${time}`)
      if (reader.lastUntil(time - disorder) !== (first < 0 ? flushed : first)) t.fail(`last until ${time}`)
    }
    const left = (seq: number) => sizes.slice(seq).reduce((sum, size) => sum + size, 0)
    for (let seq = settledTo; seq <= flushed; seq++) {
      if (reader.surplusTo(left(seq)) !== seq) t.fail(`surplus of what is after ${seq}`)
      if (seq < flushed && reader.surplusTo(left(seq) - 1) !== seq + 1) t.fail(`surplus of one byte less than what is after ${seq}`)
    }
    t.equal(reader.surplusTo(Infinity), settledTo)
  }
  check()
  await journal.settle(200)
  await journal.trim(150)
  check()
  await journal.settle(journal.flushed)
  check()
})
