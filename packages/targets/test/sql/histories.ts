import { anEvent } from '@baton/testing'
import fc from 'fast-check'
import type { Contents } from './databases.ts'

/** Random histories of events, the ways in which they may arrive, and a model that is plain enough to be believed. */

const few = <T>(...values: T[]) => fc.constantFrom(...values)
const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined })
const account = few('ann', 'bob', 'Zoe')

const receivedAt = few(1_000, 2_000, 200_000_000_000_000)

const happening = fc.record({
  id: fc.nat(9_999).map(number => `evt_${number}`),
  command: few<'Group.CallbackAfterCreateGroup' | 'Group.CallbackAfterCreateTopic'>('Group.CallbackAfterCreateGroup', 'Group.CallbackAfterCreateTopic'),
  receivedAt,
  body: fc.record({
    GroupId: few('g', 'G'),
    TopicId: few('g@TOPIC#_1', 'g@TOPIC#_2'),
    Owner_Account: account,
    Type: maybe(few('Public', 'Community')),
    Name: maybe(few('', 'one', 'two')),
    MemberList: maybe(fc.array(fc.record({ Member_Account: account }), { maxLength: 3 })),
    UserDefinedDataList: maybe(fc.array(fc.record({ Key: few('k', 'l'), Value: few<unknown>('v', '', 1) }), { maxLength: 2 })),
    // Often left out: the time of receipt decides then.
    EventTime: few<number | string | undefined>(undefined, undefined, undefined, 0, 500, 1_000, 1_500, '1500', 20_000, 253_000_000_000_000)
  })
})
type Happening = typeof happening extends fc.Arbitrary<infer T> ? T : never

/** Batches for two targets: each delivers its own one after the other, both at the same time. */
export type Schedule = [Happening[][], Happening[][]]

function arrivalsOf (history: Happening[]): fc.Arbitrary<Schedule> {
  const repeat = fc.record({ of: few(...history), receivedAt }).map(({ of, receivedAt }) => ({ ...of, receivedAt }))
  const order = fc.array(repeat, { maxLength: 6 }).chain(repeats =>
    fc.shuffledSubarray([...history, ...repeats], { minLength: history.length + repeats.length }))
  const sizes = fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 4 })
  return fc.tuple(order, sizes).map(([events, sizes]) => {
    const schedule: Schedule = [[], []]
    for (let from = 0, turn = 0; from < events.length; turn++) {
      const size = sizes[turn % sizes.length] ?? 1
      schedule[turn % 2 === 0 ? 0 : 1].push(events.slice(from, from + size))
      from += size
    }
    return schedule
  })
}

/** One history, and two ways in which it may arrive. */
export const histories = fc.uniqueArray(happening, { selector: ({ id }) => id, minLength: 1, maxLength: 10 })
  .chain(history => fc.record({ history: fc.constant(history), one: arrivalsOf(history), other: arrivalsOf(history) }))

/**
 * The model: what happened in the order of its versions, each overwriting what it knows. An event counts as received when the
 * receipt that was stored says so: of repeats that arrive at once, any one may be it.
 */
export function contentsAfter (happenings: Happening[], receipts: Partial<Record<string, number>>): Contents {
  const history = happenings.map(happening => ({ ...happening, receivedAt: receipts[happening.id] ?? NaN }))
  const timeOf = ({ body: { EventTime }, receivedAt }: Happening) => Number(EventTime) || receivedAt // 0 is no time
  const contents: Contents = { chat_group: {}, chat_topic: {}, chat_group_member: {} }
  const tell = (table: keyof Contents, key: string, known: Record<string, unknown>) => {
    contents[table][key] = { ...contents[table][key], ...Object.fromEntries(Object.entries(known).filter(([, value]) => value !== undefined)) }
  }
  for (const event of [...history].sort((a, b) => timeOf(a) - timeOf(b) || (a.id < b.id ? -1 : 1))) {
    const { GroupId, TopicId, Owner_Account: owner, Type: type, Name: name, MemberList = [], UserDefinedDataList } = event.body
    const custom = UserDefinedDataList && Object.fromEntries(UserDefinedDataList.map(({ Key, Value }) => [Key, Value]))
    if (event.command === 'Group.CallbackAfterCreateTopic') {
      tell('chat_group', GroupId, { type, owner_account: owner })
      tell('chat_topic', TopicId, { group_id: GroupId, name, custom })
    } else {
      tell('chat_group', GroupId, { type, owner_account: owner, name, custom })
      const joined = timeOf(event)
      for (const { Member_Account: account } of MemberList) tell('chat_group_member', `${GroupId} ${account}`, { joined_at: joined })
      tell('chat_group_member', `${GroupId} ${owner}`, { joined_at: joined, role: 'Owner' })
    }
  }
  return contents
}

export const eventsOf = (batch: Happening[]) => batch.map(happening => anEvent(happening))
