import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import type { Event } from '@baton/contracts'
import { createLogger } from '@baton/runtime'
import { Value } from '@sinclair/typebox/value'
import { eventOf, hostileEvents } from './hostile-events.ts'
import { Outcome } from './outcome.ts'
import type { OpenContext, Target } from './target.ts'

/** What the suite needs of a test: tap's and node:test's have it. */
export interface ContractTest {
  /** Does something when the test has ended. */
  after: (end: () => Promise<void>) => unknown
}

/** What runs the tests: `t` of tap, or `test` of node:test. */
export interface ContractRunner<T extends ContractTest> {
  test: (name: string, body: (t: T) => Promise<void>) => unknown
}

/** What a target's own test gives to the contract suite. */
export interface Rig {
  /** Opens the target; several may be open at once, for the same destination. */
  open: (context: OpenContext) => Target
  /** Most events that it is given at once, as its definition says; 1 unless it says so. */
  together?: number | undefined
  /** The ids of all events that have arrived, each once. */
  arrived: () => Promise<Set<string>>
  /** Where a server stands behind the target. */
  server?: {
    /** Prepares the server so that it stops in the middle of the next batch. */
    stopMidway: () => Promise<void>
    start: () => Promise<void>
  }
  /** Where the destination can be made to leave the next delivery without an answer; resolves when it has it. */
  hang?: () => Promise<void>
  /** Where the target can refuse an event for good: an event that it refuses. */
  poisoned?: () => Event
}

/** In ms. What lasts longer than this does not end. */
const patience = 30_000

/** How long a delivery may go on after its signal was aborted, in ms. The worker itself waits for one second, on a machine that does not run tests. */
const lastWords = 5_000

/**
 * The contract that every target keeps, those of Baton and those of others. The rig is made anew for each test.
 */
export function targetContract<T extends ContractTest> (runner: ContractRunner<T>, name: string, rigOf: (t: T) => Promise<Rig>): void {
  const test = (promise: string, body: (opened: Opened) => Promise<void>) => {
    runner.test(`${name}: ${promise}`, async t => { await body(await opened(t, await rigOf(t))) })
  }

  test('a batch arrives whole, with an outcome for each event in its order', async ({ rig, target, deliver }) => {
    const events = Array.from({ length: 100 }, (_, nth) => anEvent(nth % 2 === 0 ? 'Group.CallbackAfterCreateGroup' : 'Group.CallbackAfterCreateTopic'))
    assert.deepEqual(await deliver(target, events), events.map(() => ({ kind: 'delivered' })))
    assert.deepEqual(idsAmong(events, await rig.arrived()), idsOf(events))
  })

  test('an event delivered again is delivered again, without complaint', async ({ rig, target, open, deliver }) => {
    const event = anEvent()
    assert.deepEqual(kindsOf(await deliver(target, [event])), ['delivered'])
    assert.deepEqual(kindsOf(await deliver(target, [event, anEvent()], { attempt: 2 })), ['delivered', 'delivered'])
    assert.deepEqual(kindsOf(await deliver(target, [event, anEvent(), event])), ['delivered', 'delivered', 'delivered'], 'it may be there twice')
    const atOnce = await Promise.all([target, open()].map(async target => await deliver(target, [event, anEvent()])))
    assert.deepEqual(atOnce.map(kindsOf), [['delivered', 'delivered'], ['delivered', 'delivered']], 'two workers may have it at once')
    assert.ok((await rig.arrived()).has(event.id))
  })

  test('events arrive in any order, and from several workers at once', async ({ rig, target, open, deliver }) => {
    const group = `@TGS#${randomUUID()}`
    const events = Array.from({ length: 40 }, (_, nth) => anEvent('Group.CallbackAfterCreateGroup', { GroupId: group, Name: `${nth}`, EventTime: 1_700_000_000_000 - nth }))
    const batches = [0, 1, 2, 3].map(first => events.filter((_, nth) => nth % 4 === first))
    const other = open()
    const outcomes = await Promise.all(batches.map(async (batch, nth) => await deliver(nth % 2 === 0 ? target : other, batch)))
    assert.deepEqual(outcomes.flat().filter(({ kind }) => kind !== 'delivered'), [])
    assert.deepEqual(idsAmong(events, await rig.arrived()), idsOf(events))
  })

  test('closing lets go, and another one open goes on', async ({ target, open, close, deliver }) => {
    const other = open()
    await deliver(other, [anEvent()])
    await close(other)
    assert.deepEqual(kindsOf(await deliver(target, [anEvent()])), ['delivered'])
  })

  // The worker waits for its deliveries before it closes, but not for one that does not end.
  test('closed while it delivers, it says of nothing that it was delivered that was not', async ({ rig, target, close, deliver, outcomesOf }) => {
    await deliver(target, [anEvent()])
    const events = [anEvent(), anEvent()]
    const clock = new AbortController()
    const delivering = outcomesOf(target, events, { signal: clock.signal })
    await close(target)
    clock.abort()
    const outcomes = await inTime(delivering, 'a delivery whose target was closed')
    assert.ok(outcomes.every(({ kind }) => kind !== 'reject'), 'nothing is rejected')
    const claimed = events.filter((_, at) => outcomes[at]?.kind === 'delivered')
    assert.deepEqual(idsAmong(claimed, await rig.arrived()), idsOf(claimed))
  })

  test('a poisoned event is rejected alone, wherever it stands, and takes no other with it', async ({ rig, target, deliver }) => {
    if (rig.poisoned === undefined) return // the target takes every event
    for (const place of [0, 2, 4]) {
      const poisoned: Event = rig.poisoned()
      const events = Array.from({ length: 5 }, (_, at) => at === place ? poisoned : anEvent())
      const outcomes = await deliver(target, events)
      assert.deepEqual(kindsOf(outcomes), events.map(event => event === poisoned ? 'reject' : 'delivered'))
      assert.deepEqual(idsAmong(events, await rig.arrived()), idsOf(events.filter(event => event !== poisoned)))
    }
  })

  test('a server that stops in the middle of a batch loses nothing', async ({ rig, target, deliver, outcomesOf }) => {
    if (rig.server === undefined) return // no server stands behind the target
    const events = Array.from({ length: 8 }, () => anEvent())
    await rig.server.stopMidway()
    const outcomes = await outcomesOf(target, events)
    assert.ok(outcomes.every(({ kind }) => kind !== 'reject'), 'nothing is rejected')
    assert.ok(outcomes.some(({ kind }) => kind === 'retry'), 'the stop was noticed')
    await rig.server.start()
    const again = events.filter((_, at) => outcomes[at]?.kind === 'retry')
    assert.deepEqual(await deliver(target, again, { attempt: 2 }), again.map(() => ({ kind: 'delivered' })))
    assert.deepEqual(idsAmong(events, await rig.arrived()), idsOf(events))
  })

  test('an attempt whose time is up before it begins ends, and the next one succeeds', async ({ rig, target, deliver, outcomesOf }) => {
    const event = anEvent()
    const outcomes = await inTime(outcomesOf(target, [event], { signal: AbortSignal.abort() }), 'a delivery without time', lastWords)
    assert.ok(outcomes.every(({ kind }) => kind !== 'reject'), 'nothing is rejected for want of time')
    assert.deepEqual(kindsOf(await deliver(target, [event], { attempt: 2 })), ['delivered'])
    assert.ok((await rig.arrived()).has(event.id))
  })

  test('an attempt whose time is up in its middle ends soon, and the next one succeeds', async ({ rig, target, deliver, outcomesOf }) => {
    const events = [anEvent(), anEvent()]
    const clock = new AbortController()
    const hanging = rig.hang?.()
    const delivering = outcomesOf(target, events, { signal: clock.signal })
    if (hanging !== undefined) await inTime(hanging, 'the way to where the destination hangs')
    clock.abort()
    const outcomes = await inTime(delivering, 'a delivery whose signal was aborted', lastWords)
    assert.ok(outcomes.every(({ kind }) => kind !== 'reject'), 'nothing is rejected for want of time')
    if (hanging !== undefined) assert.ok(outcomes.some(({ kind }) => kind === 'retry'), 'what hangs was not delivered')
    assert.deepEqual(kindsOf(await deliver(target, events, { attempt: 2 })), ['delivered', 'delivered'])
    assert.deepEqual(idsAmong(events, await rig.arrived()), idsOf(events))
  })

  test('no event is too odd: each is delivered or rejected, nothing is thrown, and none is changed', async ({ rig, target, deliver, logged }) => {
    const mark = `mark-${randomUUID()}`
    const hostile = hostileEvents(mark)
    const told: Outcome[] = []
    for (const { what, event } of hostile) {
      const [outcome] = await deliver(target, [event], { what })
      assert.notEqual(outcome?.kind, 'retry', `${what}: tried again, it would fail for as long as it is tried`)
      if (outcome !== undefined) told.push(outcome)
    }
    const delivered = hostile.map(({ event }) => event).filter((_, at) => told[at]?.kind === 'delivered')
    assert.deepEqual(idsAmong(delivered, await rig.arrived()), idsOf(delivered))
    const together = await deliver(target, hostile.map(({ event }) => event), { attempt: 2, what: 'all of them' })
    assert.deepEqual(kindsOf(together), kindsOf(told), 'together they fare as they did alone')
    assert.ok(!JSON.stringify([...told, ...together]).includes(mark), 'no reason repeats what an event holds')
    assert.ok(!logged().includes(mark), 'no log line repeats what an event holds')
  })
}

interface Opened {
  rig: Rig
  /** One that is open. */
  target: Target
  /** Opens another one. */
  open: () => Target
  close: (target: Target) => Promise<void>
  /** Delivers, in as many calls at once as it takes, and holds what comes of each against the interface. */
  deliver: (target: Target, events: readonly Event[], attempt?: Attempt) => Promise<Outcome[]>
  /** The same where a call may throw, which means "retry them all". */
  outcomesOf: (target: Target, events: readonly Event[], attempt?: Attempt) => Promise<Outcome[]>
  /** All that the target has logged. */
  logged: () => string
}

async function opened (t: ContractTest, rig: Rig): Promise<Opened> {
  const open = new Set<Target>()
  const lines: string[] = []
  const log = createLogger('contract', 'trace', { write: line => { lines.push(line) } })
  const close = async (target: Target) => {
    open.delete(target)
    await inTime(target.close(), 'close')
  }
  t.after(async () => { await Promise.all([...open].map(close)) })
  const another = () => {
    const target = rig.open({ name: 'contract', log, embeddedPostgresPort: 0, concurrency: 10, timeout: patience })
    open.add(target)
    return target
  }
  const inCalls = (call: typeof deliver): Opened['deliver'] => async (target, events, attempt) =>
    (await Promise.all(callsOf(events, rig.together ?? 1).map(async together => await call(target, together, attempt)))).flat()
  return { rig, target: another(), open: another, close, deliver: inCalls(deliver), outcomesOf: inCalls(outcomesOf), logged: () => lines.join('') }
}

const callsOf = (events: readonly Event[], most: number): Event[][] =>
  Array.from({ length: Math.ceil(events.length / most) }, (_, nth) => events.slice(nth * most, (nth + 1) * most))

const anEvent = (command = 'Group.CallbackAfterCreateGroup', body: object = {}): Event => eventOf(command, {
  CallbackCommand: command, GroupId: `@TGS#${randomUUID()}`, TopicId: `@TGS#_${randomUUID()}@TOPIC#_1`, Operator_Account: 'leckie', Owner_Account: 'leckie', Type: 'Public', Name: 'contract', MemberList: [], EventTime: 1_700_000_000_000, ...body
})

const idsOf = (events: readonly Event[]) => events.map(({ id }) => id)
const idsAmong = (events: readonly Event[], ids: Set<string>) => idsOf(events).filter(id => ids.has(id))
const kindsOf = (outcomes: readonly Outcome[]) => outcomes.map(({ kind }) => kind)

interface Attempt { signal?: AbortSignal, attempt?: number, what?: string }

/** One call, held against the interface: an outcome for each event, of the right shape, and the events as they were. */
async function deliver (target: Target, events: readonly Event[], { signal = AbortSignal.timeout(patience), attempt = 1, what = 'a delivery' }: Attempt = {}): Promise<Outcome[]> {
  const before = structuredClone(events)
  const outcomes = await inTime(target.deliver(events, { signal, attempt }).catch((error: unknown) => { throw new assert.AssertionError({ message: `${what}: deliver threw ${String(error)}` }) }), what)
  assert.ok(Array.isArray(outcomes) && outcomes.length === events.length, `${what}: one outcome for each event`)
  for (const outcome of outcomes) assert.ok(Value.Check(Outcome, outcome), `${what}: ${JSON.stringify(outcome)} is no outcome: kind is delivered, retry or reject, of which the last two have a code such as crm_full, and a reason`)
  assert.deepEqual(events.map(contentOf), before.map(contentOf), `${what}: the events are changed`)
  return outcomes
}

/** Of a clone, bytes are no Buffer any more. */
const contentOf = ({ body, ...fields }: Event) => ({ ...fields, body: Buffer.from(body).toString('latin1') })

/** Where throwing is allowed, it means "retry them all". */
const outcomesOf = async (target: Target, events: readonly Event[], { signal = AbortSignal.timeout(patience) }: Attempt = {}): Promise<Outcome[]> =>
  await target.deliver(events, { signal, attempt: 1 }).catch(() => events.map(() => ({ kind: 'retry', code: 'thrown', reason: 'thrown' })))

async function inTime<R> (promise: Promise<R>, what: string, milliseconds = patience): Promise<R> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => { reject(new assert.AssertionError({ message: `${what} did not end within ${milliseconds / 1_000} s` })) }, milliseconds)
  })
  try {
    return await Promise.race([promise, late])
  } finally {
    clearTimeout(timer)
  }
}
