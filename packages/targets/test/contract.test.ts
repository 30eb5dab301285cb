import { isUtf8 } from 'node:buffer'
import t from 'tap'
import { checkBody, isUsableCommand, knownCommands, type Event } from '@baton/contracts'
import { delivered, type DeliveryContext, type OpenContext, type Outcome, type Target } from '../src/index.ts'
import { hostileEvents } from '../src/hostile-events.ts'
import { targetContract, type ContractTest, type Rig } from '../src/target-contract.ts'

/** What the suite finds wrong: the promises that are not kept, as a runner of tests is told. */
async function broken (rig: () => Rig): Promise<string[]> {
  const tests: { name: string, body: (t: ContractTest) => Promise<void> }[] = []
  targetContract({ test: (name, body: (t: ContractTest) => Promise<void>) => { tests.push({ name, body }) } }, 'it', async () => rig())
  const found: string[] = []
  for (const { name, body } of tests) {
    const ends: (() => Promise<void>)[] = []
    try {
      await body({ after: end => { ends.push(end) } })
    } catch (error) {
      found.push(`${name}: ${error instanceof Error ? error.message : String(error)}`)
    }
    for (const end of ends) await end()
  }
  return found
}

type Deliver = (events: readonly Event[], context: DeliveryContext & { log: OpenContext['log'], keep: (event: Event) => void, closed: AbortSignal }) => Promise<Outcome[]>

/** A destination in memory, with a target that does as it is told. */
function rigWith (deliver: Deliver, { close = async () => {}, ...rest }: Partial<Target & Rig> = {}): Rig {
  const ids = new Set<string>()
  return {
    arrived: async () => ids,
    together: 500,
    open: ({ log }) => {
      const closing = new AbortController()
      return {
        deliver: async (events, context) => await deliver(events, { ...context, log, keep: ({ id }) => ids.add(id), closed: closing.signal }),
        close: async () => {
          closing.abort()
          await close()
        }
      }
    },
    ...rest
  }
}

const good: Deliver = async (events, { keep }) => events.map(event => {
  keep(event)
  return delivered
})

const untilAborted = async (signal: AbortSignal) => await new Promise<void>(resolve => { signal.addEventListener('abort', () => { resolve() }, { once: true }) })

t.test('a target that keeps every promise passes, also one that takes events one by one', async t => {
  t.same(await broken(() => rigWith(good)), [])
  t.same(await broken(() => rigWith(async (events, context) => {
    t.equal(events.length, 1)
    return await good(events, context)
  }, { together: undefined })), [])
})

const poisoned = () => ({ ...hostileEvents('poison')[0]?.event, id: 'evt_poison' } as Event)

// Each promise of the suite is seen to be broken: a fault, and what the suite says of it.
for (const [fault, says, rig] of [
  ['loses the last event of a batch', /a batch arrives whole/, () => rigWith(async (events, { keep }) => {
    for (const event of events.length > 1 ? events.slice(0, -1) : events) keep(event)
    return events.map(() => delivered)
  })],
  ['answers one outcome for all', /a batch arrives whole.*one outcome for each event/, () => rigWith(async (events, context) => (await good(events, context)).slice(0, 1))],
  ['answers in another order', /poisoned event is rejected alone/, () => rigWith(async (events, { keep }) => events.map((event): Outcome => {
    if (event.id === 'evt_poison') return { kind: 'reject', code: 'no', reason: 'no' }
    keep(event)
    return delivered
  }).reverse(), { poisoned })],
  ['rejects the whole batch for one event', /poisoned event is rejected alone/, () => rigWith(async (events, context) => events.some(({ id }) => id === 'evt_poison') ? events.map(() => ({ kind: 'reject', code: 'no', reason: 'no' })) : await good(events, context), { poisoned })],
  ['answers what is no outcome', /is no outcome: kind is delivered, retry or reject/, () => rigWith(async events => events.map(() => ({ kind: 'retry', code: 'HTTP 500', reason: '' })))],
  ['complains about repeats', /delivered again, without complaint/, () => {
    const seen = new Set<string>()
    return rigWith(async (events, { keep }) => events.map((event): Outcome => {
      if (seen.has(event.id)) return { kind: 'reject', code: 'repeat', reason: 'known already' }
      seen.add(event.id)
      keep(event)
      return delivered
    }))
  }],
  ['takes no event that is older than the last', /in any order/, () => {
    let newest = -Infinity
    return rigWith(async (events, { keep }) => events.map((event): Outcome => {
      if ((event.eventTime ?? 0) < newest) return { kind: 'retry', code: 'too_old', reason: 'too old' }
      newest = event.eventTime ?? 0
      keep(event)
      return delivered
    }))
  }],
  ['lets the others go as well when it closes', /another one open goes on/, () => {
    let closed = false
    return rigWith(async (events, context) => {
      if (closed) throw new Error('closed')
      return await good(events, context)
    }, { close: async () => { closed = true } })
  }],
  ['claims deliveries that its closing broke off', /closed while it delivers/, () => rigWith(async (events, context) => {
    await new Promise(resolve => { setImmediate(resolve) })
    return context.closed.aborted ? events.map(() => delivered) : await good(events, context)
  })],
  ['does not notice that its server stopped', /the stop was noticed/, () => rigWith(good, { server: { stopMidway: async () => {}, start: async () => {} } })],
  ['rejects for want of time', /nothing is rejected for want of time/, () => rigWith(async (events, context) => context.signal.aborted ? events.map(() => ({ kind: 'reject', code: 'late', reason: 'late' })) : await good(events, context))],
  ['does not heed its signal', /whose signal was aborted did not end within/, () => {
    let hangs: (() => void) | undefined
    return rigWith(async (events, context) => {
      if (hangs === undefined) return await good(events, context)
      hangs()
      hangs = undefined
      return await new Promise(() => {})
    }, { hang: async () => { await new Promise<void>(resolve => { hangs = resolve }) } })
  }],
  ['claims what hangs', /what hangs was not delivered/, () => {
    let hangs: (() => void) | undefined
    return rigWith(async (events, context) => {
      if (hangs === undefined) return await good(events, context)
      hangs()
      hangs = undefined
      await untilAborted(context.signal)
      return events.map(() => delivered)
    }, { hang: async () => { await new Promise<void>(resolve => { hangs = resolve }) } })
  }],
  ['parses bodies as if they had no byte order mark', /byte order mark: deliver threw SyntaxError/, () => rigWith(async (events, context) => {
    for (const { body } of events) JSON.parse(String(body))
    return await good(events, context)
  })],
  ['knows only the commands that are documented', /an unknown command: tried again, it would fail/, () => rigWith(async (events, context) => {
    const outcomes = await good(events, context)
    return outcomes.map((outcome, at) => events[at]?.command === 'Group.CallbackAfterNovelty' ? { kind: 'retry', code: 'unknown', reason: 'unknown' } : outcome)
  })],
  ['tells of bodies in its log', /no log line repeats what an event holds/, () => rigWith(async (events, context) => {
    for (const { body } of events) context.log.debug(String(body))
    return await good(events, context)
  })],
  ['tells of bodies in its reasons', /no reason repeats what an event holds/, () => rigWith(async (events, context) => (await good(events, context)).map((outcome, at) => {
    const body = String(events[at]?.body)
    return body.includes('an unknown command') ? { kind: 'reject', code: 'unknown', reason: body } : outcome
  }))],
  ['changes the events', /the events are changed/, () => rigWith(async (events, context) => {
    for (const { body } of events) body[0] = 0
    return await good(events, context)
  })]
] as const) {
  t.test(`a target that ${fault} is found out`, async t => {
    t.match((await broken(rig)).join('\n'), says)
  })
}

t.test('hostile events are such as the ingress lets through, the example of every command among them', async t => {
  const hostile = hostileEvents('mark')
  t.same(knownCommands.filter(command => !hostile.some(({ event }) => event.command === command)), [])
  t.equal(new Set(hostile.map(({ event }) => event.id)).size, hostile.length)
  t.equal(Math.max(...hostile.map(({ event }) => event.body.length)), 1_048_576, 'as long as the ingress takes them')
  for (const { what, event: { command, body } } of hostile) {
    t.ok(isUsableCommand(command), what)
    t.ok(isUtf8(body), what)
    t.match(String(body), 'mark', what)
    const parsed: unknown = JSON.parse(String(body).replace(/^\uFEFF/, ''))
    if (typeof parsed !== 'object' || parsed === null) throw new Error(`${what}: its body is no object`)
    t.not(checkBody(command, parsed).kind, 'unfit', what)
  }
})
