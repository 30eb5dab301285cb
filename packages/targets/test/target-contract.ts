import type { Test } from 'tap'
import { anEvent } from '@baton/testing'
import type { Event } from '@baton/contracts'
import type { Outcome, Target } from '../src/index.ts'

/** What a target's own test gives to the contract suite. */
export interface Rig {
  /** Opens the target; each of several may be open at once. */
  open: () => Target
  /** The ids of all events that have arrived, each once. */
  arrived: () => Promise<Set<string>>
  /** Where a server stands behind the target. */
  server?: {
    /** Prepares the server so that it stops in the middle of the next batch. */
    stopMidway: () => Promise<void>
    start: () => Promise<void>
  }
  /** Where the target can refuse an event for good: an event that it refuses. */
  poisoned?: () => Event
}

const patient = () => ({ signal: AbortSignal.timeout(30_000), attempt: 1 })

/** The contract that every target keeps. */
export function targetContract (t: Test, name: string, rigOf: (t: Test) => Promise<Rig>): void {
  const opened = async (t: Test) => {
    const rig = await rigOf(t)
    const target = rig.open()
    t.teardown(async () => { await target.close() })
    return { rig, target }
  }

  t.test(`${name}: a batch arrives whole, with an outcome for each event in its order`, async t => {
    const { rig, target } = await opened(t)
    const events = [anEvent(), anEvent({ command: 'Group.CallbackAfterCreateTopic' }), anEvent()]
    t.same(await target.deliver(events, patient()), events.map(() => ({ kind: 'delivered' })))
    t.same(idsAmong(events, await rig.arrived()), idsOf(events))
  })

  t.test(`${name}: an event delivered again is delivered again, without complaint`, async t => {
    const { rig, target } = await opened(t)
    const event = anEvent()
    t.match(await target.deliver([event], patient()), [{ kind: 'delivered' }])
    t.match(await target.deliver([event, anEvent()], { ...patient(), attempt: 2 }), [{ kind: 'delivered' }, { kind: 'delivered' }])
    t.ok((await rig.arrived()).has(event.id))
  })

  t.test(`${name}: closing lets go, and another one open goes on`, async t => {
    const { rig, target } = await opened(t)
    const other = rig.open()
    await other.deliver([anEvent()], patient())
    await other.close()
    t.match(await target.deliver([anEvent()], patient()), [{ kind: 'delivered' }])
  })

  t.test(`${name}: a poisoned event is rejected alone, and takes no other with it`, async t => {
    const { rig, target } = await opened(t)
    if (rig.poisoned === undefined) return t.pass('the target takes every event')
    const poisoned = rig.poisoned()
    const events = [anEvent(), anEvent(), poisoned, anEvent(), anEvent()]
    const outcomes = await target.deliver(events, patient())
    t.same(outcomes.map(({ kind }) => kind), ['delivered', 'delivered', 'reject', 'delivered', 'delivered'])
    t.match(outcomes[2], { code: /^[a-z]+_\w+$/, reason: /\w/ })
    t.same(idsAmong(events, await rig.arrived()), idsOf(events.filter(event => event !== poisoned)))
  })

  t.test(`${name}: a server that stops in the middle of a batch loses nothing`, async t => {
    const { rig, target } = await opened(t)
    if (rig.server === undefined) return t.pass('no server stands behind the target')
    const events = Array.from({ length: 8 }, () => anEvent())
    await rig.server.stopMidway()
    const outcomes = await outcomesOf(target, events)
    t.equal(outcomes.every(({ kind }) => kind === 'delivered' || kind === 'retry'), true, 'nothing is rejected')
    t.equal(outcomes.some(({ kind }) => kind === 'retry'), true, 'the stop was noticed')
    await rig.server.start()
    const again = events.filter((_, at) => outcomes[at]?.kind === 'retry')
    t.same(await target.deliver(again, { ...patient(), attempt: 2 }), again.map(() => ({ kind: 'delivered' })))
    t.same(idsAmong(events, await rig.arrived()), idsOf(events))
  })

  t.test(`${name}: an attempt whose time is up ends`, async t => {
    const { target } = await opened(t)
    const outcomes = await target.deliver([anEvent()], { signal: AbortSignal.abort(), attempt: 1 }).catch((): Outcome[] => [{ kind: 'retry', code: 'thrown', reason: 'thrown' }])
    t.equal(outcomes.every(({ kind }) => kind !== 'reject'), true)
  })
}

const idsOf = (events: readonly Event[]) => events.map(({ id }) => id)
const idsAmong = (events: readonly Event[], ids: Set<string>) => idsOf(events).filter(id => ids.has(id))

/** Throwing means "retry them all". */
const outcomesOf = async (target: Target, events: readonly Event[]): Promise<Outcome[]> =>
  await target.deliver(events, patient()).catch(() => events.map(() => ({ kind: 'retry', code: 'thrown', reason: 'thrown' })))
