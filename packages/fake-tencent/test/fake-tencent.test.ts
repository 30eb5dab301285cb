import type { TSchema } from '@sinclair/typebox'
import t from 'tap'
import { catalogue, checkBody, entryOf, eventKeysOf, examples, knownCommands, readCallbackQuery, type KnownCommand } from '@baton/contracts'
import { FakeTencent, type FakeCallback } from '../src/index.ts'

const seeds = Array.from({ length: 6 }, (_, at) => at * 715_827_882)
const rounds = 20

interface Made extends FakeCallback {
  command: KnownCommand
  seed: number
  /** The first of its command is the plain one. */
  round: number
  text: string
  parsed: Record<string, unknown>
}

/** Every command many times over, from many seeds. */
const made: readonly Made[] = seeds.flatMap(seed => {
  const tencent = new FakeTencent({ seed, appId: 14 })
  return Array.from({ length: rounds }, (_, round) => knownCommands.map(command => {
    const callback = tencent.callback(command)
    const text = String(callback.body)
    return { ...callback, command, seed, round, text, parsed: JSON.parse(text) }
  })).flat()
})
const of = (command: KnownCommand) => made.filter(callback => callback.command === command)

/** All values in a body, with where they stand: `MemberList[].Member_Account`. */
function * valuesIn (value: unknown, path = ''): Generator<[path: string, value: unknown]> {
  if (path !== '') yield [path, value]
  if (Array.isArray(value)) for (const element of value) yield * valuesIn(element, `${path}[]`)
  else if (typeof value === 'object' && value !== null) for (const [name, inner] of Object.entries(value)) yield * valuesIn(inner, path === '' ? name : `${path}.${name}`)
}

/** Those of all bodies, each as often as it is there. */
const values = made.flatMap(({ command, parsed }) => [...valuesIn(parsed)].map(([path, value]) => ({ command, path, value })))

/** The fields that a schema names. */
function fieldsIn (schema: TSchema, path = ''): string[] {
  return Object.entries<TSchema>(schema.properties ?? {}).flatMap(([name, field]) => {
    const at = path === '' ? name : `${path}.${name}`
    return [at, ...field.type === 'array' ? fieldsIn(field.items, `${at}[]`) : fieldsIn(field, at)]
  })
}

t.test('every body fits: all 86 commands, from many seeds', async t => {
  t.equal(new Set(made.map(({ command }) => command)).size, 86)
  for (const { command, seed, round, parsed, text } of made) {
    const verdict = checkBody(command, parsed)
    if (verdict.kind !== 'fit') t.fail(`${command}, seed ${seed}, round ${round}: ${JSON.stringify(verdict)} ${text}`)
  }
})

t.test('every field that a command may have is there at times, and whatever may vary varies', async t => {
  const seen = new Map<string, Set<unknown>>()
  for (const { command, path, value } of values) {
    const key = `${command} ${path}`
    seen.set(key, (seen.get(key) ?? new Set()).add(typeof value === 'object' ? JSON.stringify(value) : value))
  }
  const fields = Object.entries(catalogue).flatMap(([command, { body }]) => fieldsIn(body).map(field => `${command} ${field}`))
  t.same(fields.filter(field => !seen.has(field)), [
    'Push.AllMemberPush CallbackCommand', 'Push.AllMemberPush EventTime', 'Push.OfflinePush CallbackCommand', 'Push.OfflinePush EventTime',
    'ContentCallback.ResultNotify CallbackCommand', 'ContentCallback.ResultNotify EventTime', 'Alert.RequestOverLimit EventTime', 'Live.CallbackBeforeCallBackNotBlock EventTime'
  ], 'what these commands do not have')
  t.same(fields.filter(field => seen.get(field)?.size === 1 && !field.endsWith('CallbackCommand')), [
    'Group.CallbackOnMemberStateChange Type', 'Group.CallbackOnDailyGroupQuotaAlarm Quota', 'Group.CallbackBeforeCreateTopic Type', 'Group.CallbackAfterCreateTopic Type',
    'Group.CallbackAfterTopicDestroyed Type', 'Group.CallbackAfterTopicInfoChanged Type', 'ContentCallback.ResultNotify SdkAppId', 'Call.CallbackAfterRecordChanged Callback.EventGroupId',
    'Room.CallbackAfterCreateRoom RoomInfo.RoomType', 'Room.CallbackAfterUpdateRoomInfo RoomInfo.RoomType', 'Room.CallbackAfterMemberEnter Type', 'Live.CallbackAfterCreateRoom RoomInfo.RoomType',
    'Live.CallbackAfterDestroyRoom RoomInfo.RoomType', 'Live.CallbackAfterCreateRoomReachingThreshold MaxRoomCount', 'Follow.CallbackAfterCloudRecordingChanged EventGroupId'
  ].toSorted((one, other) => fields.indexOf(one) - fields.indexOf(other)), 'what is always the same')
})

t.test('the same seed makes the same callbacks, byte for byte; another one makes others', async t => {
  const callbacks = (seed: number) => {
    const tencent = new FakeTencent({ seed })
    return [...knownCommands, ...knownCommands].map(command => tencent.callback(command))
  }
  t.same(callbacks(7), callbacks(7))
  const [one, other] = [callbacks(7), callbacks(8)]
  t.same(new Set(one.filter(({ body }, at) => other[at]?.body.equals(body)).map(({ command }) => command)), new Set(['Group.CallbackOnDailyGroupQuotaAlarm', 'Alert.RequestOverLimit', 'Live.CallbackBeforeCallBackNotBlock']), 'which are about nobody')
  t.same(one.filter(({ query }, at) => query.includes('RequestI') && other[at]?.query === query), [])
  t.same(new FakeTencent({ seed: 7 }).callback('State.StateChange'), new FakeTencent({ seed: 7, clock: () => Date.UTC(2026, 0, 1) }).callback('State.StateChange'), 'a seed tells the time too')
})

t.test('the first of a command is the documented example, but for who, where and when', async t => {
  for (const { command, parsed } of made.filter(({ round }) => round === 0)) {
    const example: Record<string, unknown> = examples[command]
    if (Object.keys(parsed).join() !== Object.keys(example).join()) t.same(Object.keys(parsed), Object.keys(example), command)
    for (const name of ['Name', 'MsgBody', 'CloudCustomData', 'UserDefinedDataList', 'Introduction']) {
      const isGone = name === 'Name' && command.endsWith('Destroyed') // it goes with the name that it had
      if (!isGone && JSON.stringify(parsed[name]) !== JSON.stringify(example[name])) t.same(parsed[name], example[name], `${command} ${name}`)
    }
  }
})

t.test('names are of many scripts, with emoji, and within the bounds of Tencent; so are ids', async t => {
  const of = (pattern: RegExp) => values.flatMap(({ path, value }) => typeof value === 'string' && pattern.test(path) ? [value] : [])
  const names = of(/(?:^|\.)(?:Name|RoomName|NameCard)$/)
  for (const script of [/\p{Script=Han}/u, /\p{Script=Cyrillic}/u, /\p{Script=Arabic}/u, /\p{Emoji_Presentation}/u, /\u200D/, /["\\]/]) t.ok(names.some(name => script.test(name)), String(script))
  t.same(names.filter(name => Buffer.byteLength(name) > 30), [])

  const accounts = of(/_Account$/)
  for (const [what, pattern] of Object.entries({ number: /^\d{5,8}$/, 'more digits than JavaScript can hold': /^\d{18}$/, hex: /^[0-9a-f]{32}$/, address: /\+.*@/, signs: /\/.*#.*=/, robot: /^@RBT#/, system: /^@TIM#SYSTEM$/, sender: /^@TLS#NOT_FOUND$/, 'official account': /^@TOA#_/ })) {
    t.ok(accounts.some(account => pattern.test(account)), what)
  }
  t.same(accounts.filter(account => Buffer.byteLength(account) > 32), [])
  const groups = of(/(?:^|\.)(?:GroupId|GroupID|ToGroupId)$/)
  for (const pattern of [/^@TGS#[A-Z2-7]{9}$/, /^@TGS#_@TGS#[A-Z2-7]{12}$/, /^@TGS#_(?!@TGS#)/, /^\d+$/, / /, /[/+=]/]) t.ok(groups.some(group => pattern.test(group)), String(pattern))
  t.same(groups.filter(group => !/^[\x20-\x7e]{1,48}$/.test(group)), [])
  t.ok(of(/^BattleId$/).some(id => /[/+].*=$/.test(id)))
  t.ok(of(/^BattleId$/).every(id => Buffer.from(id, 'base64').toString('base64') === id), 'they are Base64')
})

t.test('a topic is one of its community, by its id; other groups have none', async t => {
  let topics = 0
  for (const { command, parsed: { GroupId, TopicId, TopicIdList, Type } } of made) {
    for (const id of [TopicId ?? [], TopicIdList ?? []].flat()) {
      if (id === '' && command === 'Group.CallbackAfterModifyMsg') continue
      topics += 1
      if (!String(id).startsWith(`${String(GroupId)}@TOPIC#_`) || !String(GroupId).startsWith('@TGS#_') || Buffer.byteLength(String(id)) > 96) t.fail(`${command}: ${String(id)} of ${String(GroupId)}`)
      if (Type !== undefined && Type !== 'Community') t.fail(`${command}: a topic in ${String(Type)}`)
    }
    if (Type === 'Community' && GroupId !== undefined && !String(GroupId).startsWith('@TGS#_')) t.fail(`${command}: the community ${String(GroupId)}`)
  }
  t.ok(topics > 500)
  t.ok(of('Group.CallbackAfterTopicDestroyed').some(({ parsed }) => typeof parsed['TopicIdList'] === 'string'), 'the list as text, as one edition has it')
})

t.test('numbers: unsigned ones of 32 bits, and such as JavaScript cannot hold, digit by digit', async t => {
  const numbers = values.flatMap(({ path, value }) => typeof value === 'number' && /(?:^|\.)(?:Random|MsgRandom|MsgSeq)$/.test(path) ? [value] : [])
  t.ok(numbers.some(number => number > 2 ** 31) && numbers.every(number => Number.isInteger(number) && number >= 0 && number < 2 ** 32))
  for (const digits of ['144115212830834855', '18446744073709551615', '9007199254740993']) t.ok(made.some(({ text }) => new RegExp(`"[A-Za-z]+":${digits}[,}]`).test(text)), digits)
})

t.test('MsgKey, MsgId and CallId agree with what they are made of', async t => {
  let keys = 0
  const check = (at: string, body: Record<string, unknown>) => {
    const { MsgKey, MsgSeq, MsgRandom, Random = MsgRandom, MsgTime, MsgId } = body
    if (MsgKey !== undefined && MsgSeq !== undefined && MsgTime !== undefined) {
      keys += 1
      if (MsgKey !== `${String(MsgSeq)}_${String(Random)}_${String(MsgTime)}`) t.fail(`${at}: ${String(MsgKey)}`)
    }
    if (MsgId !== undefined && MsgTime !== undefined && !new RegExp(`^1441152\\d{11}-${String(MsgTime)}-${String(Random)}$`).test(String(MsgId))) t.fail(`${at}: ${String(MsgId)}`)
  }
  for (const { command, parsed } of made) {
    check(command, parsed)
    for (const event of Array.isArray(parsed['Events']) ? parsed['Events'] : []) check(command, event)
  }
  t.ok(keys > 1_000)
})

t.test('EventTime is a number, digits or missing, of now, and never goes back', async t => {
  const forms = new Map<string, number>()
  for (const seed of seeds) {
    let last = 0
    for (const { command, parsed } of made.filter(callback => callback.seed === seed)) {
      const form = typeof parsed['EventTime']
      forms.set(form, (forms.get(form) ?? 0) + 1)
      const { eventTime } = eventKeysOf(command, parsed)
      if (eventTime === null || entryOf(command)?.eventTime.unit === 's') continue
      if (eventTime < last) t.fail(`${command}: ${eventTime} after ${last}`)
      last = eventTime
    }
  }
  t.same([...forms.keys()].sort(), ['number', 'string', 'undefined'])
  t.ok([...forms.values()].every(count => count > made.length / 10))
  const now = Date.now()
  t.match(JSON.parse(String(new FakeTencent({ clock: () => now }).callback('State.StateChange').body)), { EventTime: now })
})

t.test('pushes come in batches of 1 to 100, each element with a message and a time of its own', async t => {
  for (const command of ['Push.AllMemberPush', 'Push.OfflinePush'] as const) {
    const sizes = of(command).map(({ parsed }) => Array.isArray(parsed['Events']) ? parsed['Events'].length : 0)
    t.equal(Math.min(...sizes), 1)
    t.equal(Math.max(...sizes), 100)
    for (const { parsed, query } of of(command)) {
      if ('CallbackCommand' in parsed || readCallbackQuery(query).command !== command) t.fail(`${query}: the command stands in the query alone`)
    }
  }
  const [batch] = of('Push.OfflinePush').filter(({ parsed }) => Array.isArray(parsed['Events']) && parsed['Events'].length === 100)
  const events: Array<Record<string, unknown>> = Array.isArray(batch?.parsed['Events']) ? batch.parsed['Events'] : []
  t.equal(new Set(events.map(({ PushID }) => PushID)).size, 100)
  for (const { EventType, MsgKey, GroupID } of events) if ((MsgKey !== undefined) !== (EventType === 1) || (GroupID !== undefined) !== (EventType === 2)) t.fail(`${String(EventType)}: ${String(MsgKey)}, ${String(GroupID)}`)
})

t.test('query parameters are those that Tencent sends with the command', async t => {
  const forms = new Map<string, Set<string>>()
  const orders = new Set<string>()
  for (const { command, query, round } of made) {
    const parameters = new URLSearchParams(query)
    const read = readCallbackQuery(query)
    if (read.sdkAppId !== '14' || read.command !== command || read.repeated.length > 0) t.fail(query)
    const names = [...parameters.keys()]
    orders.add(names.join())
    forms.set(command, new Set([...forms.get(command) ?? [], ...names]))
    const ip = parameters.get('ClientIP')
    if (ip !== null && !/^(?:203\.0\.113\.|198\.51\.100\.|2001:db8::|127\.0\.0\.1$)/.test(ip)) t.fail(`${command}: ${ip}`)
    if ((command === 'State.StateChange' ? 'iOS' : 'IOS') === parameters.get('OptPlatform')) t.fail(`${command}: ${query}`)
    if (round === 0 && !parameters.has('RequestID')) t.fail(query)
  }
  const without = (name: string) => knownCommands.filter(command => forms.get(command)?.has(name) !== true)
  const noClient = [
    'Group.CallbackOnMemberStateChange', 'Push.AllMemberPush', 'Push.OfflinePush', 'ContentCallback.ResultNotify', 'Alert.RequestOverLimit',
    'Live.CallbackAfterMemberStateChanged', 'Live.CallbackAfterChangeOwner', 'Live.CallbackAfterModifyAdmin'
  ]
  t.same(without('ClientIP'), noClient)
  t.same(without('OptPlatform'), noClient.filter(command => command !== 'Alert.RequestOverLimit'))
  t.same(without('RequestID'), [])
  t.same(without('RequestId'), [])
  t.ok(orders.size > 100, 'in any order')
  t.ok(of('State.StateChange').some(({ query }) => query.includes('OptPlatform=IOS')))
  t.ok(of('State.StateChange').some(({ query }) => /RequestI[dD]=\d+-\d{18}-Disconnect-TimeOut/.test(query)))
  t.same(new Set(made.map(({ headers }) => JSON.stringify(headers))), new Set(['{}', '{"content-type":"application/json"}']))
})

t.test('bytes are as different as real ones: compact, some in ASCII alone, fields in several orders', async t => {
  t.same(made.filter(({ text, parsed }) => text.length > JSON.stringify(parsed).length * 2 && !text.includes('\\u')).map(({ text }) => text), [], 'no blanks between them')
  t.ok(made.some(({ text }) => /\\u[0-9a-f]{4}/.test(text) && /^[\0-\x7f]*$/.test(text)))
  t.ok(of('C2C.CallbackAfterSendMsg').some(({ text }) => text.startsWith('{"MsgBody":')))
  t.ok(of('Group.CallbackAfterNewMemberJoin').some(({ parsed }) => Object.keys(parsed).toSorted().join() === Object.keys(parsed).join()))
})

t.test('the world hangs together: who is created is renamed, handed on and destroyed under the same id', async t => {
  for (const seed of seeds) {
    const tencent = new FakeTencent({ seed })
    const body = (command: KnownCommand): Record<string, unknown> => JSON.parse(String(tencent.callback(command).body))
    const known = new Map<unknown, Record<string, unknown>>()
    const gone = new Set<unknown>()
    for (let nth = 0; nth < 60; nth++) {
      const created = body('Group.CallbackAfterCreateGroup')
      if (known.has(created['GroupId'])) t.fail('created twice')
      known.set(created['GroupId'], { Type: created['Type'], Name: created['Name'], Owner_Account: created['Owner_Account'] })
      const { GroupId: renamed, Name: name } = body('Group.CallbackAfterGroupInfoChanged')
      const group = known.get(renamed)
      if (group !== undefined && name !== undefined) group['Name'] = name
      const { GroupId: handed, OldOwner_Account: from, NewOwner_Account: to } = body('Group.CallbackAfterChangeGroupOwner')
      const other = known.get(handed)
      if (other !== undefined) {
        if (from !== other['Owner_Account']) t.fail(`${String(from)} was not the owner`)
        other['Owner_Account'] = to
      }
      const joined = body('Group.CallbackAfterNewMemberJoin')
      if (gone.has(joined['GroupId'])) t.fail('joined a group that is gone')
      const { GroupId, Name: last = known.get(GroupId)?.['Name'], Type, Owner_Account: owner } = body('Group.CallbackAfterGroupDestroyed')
      if (known.has(GroupId)) t.match({ Type, Name: last, Owner_Account: owner }, known.get(GroupId) ?? {})
      gone.add(GroupId)
    }
    t.ok(known.size - [...known.keys()].filter(id => gone.has(id)).length < 60, 'some of those that were created are gone')
  }
})

t.test('an exit or a join tells who did it, and state changes pair action and reason', async t => {
  const accountsIn = (list: unknown): unknown[] => Array.isArray(list) ? list.map((member: Record<string, unknown>) => member['Member_Account']) : []
  for (const { parsed } of of('Group.CallbackAfterMemberExit')) if (parsed['ExitType'] === 'Quit') t.same(accountsIn(parsed['ExitMemberList']), [parsed['Operator_Account']])
  for (const { parsed, round } of of('Group.CallbackAfterNewMemberJoin')) if (parsed['JoinType'] === 'Apply' && round > 0) t.same(accountsIn(parsed['NewMemberList']), [parsed['Operator_Account']])
  const pairs = new Set(of('State.StateChange').map(({ parsed: { Info } }) => JSON.stringify(Object.values(Object(Info)).filter((_, at) => at !== 1))))
  t.same([...pairs].sort(), ['["Disconnect","LinkClose"]', '["Disconnect","TimeOut"]', '["Login","Register"]', '["Logout","Unregister"]'])
  for (const { parsed } of of('Call.CallbackAfterEndCall')) {
    const { StartTime, AcceptTime, EndTime } = Object(parsed['CallRecord'])
    t.ok(StartTime < EndTime && (AcceptTime === 0 || (AcceptTime > StartTime && AcceptTime < EndTime)))
  }
})

t.test('a body that is to drift drifts, and is relayed all the same; accounts are numbers where Tencent\'s own examples have them so', async t => {
  const tencent = new FakeTencent({ seed: 3 })
  const drifting = [...knownCommands, ...knownCommands].map(command => ({ command, text: String(tencent.callback(command, { drift: true }).body) }))
  for (const { command, text } of drifting) t.match(checkBody(command, JSON.parse(text)), { kind: 'drift' }, command)
  const numbers = drifting.filter(({ text }) => /_Account":\d{16,}[,}]/.test(text)).map(({ command }) => command)
  t.same(new Set(numbers), new Set(['Call.CallbackAfterStartCall', 'Live.CallbackAfterDestroyRoom', 'Live.CallbackAfterEndBattle']))
  t.ok(drifting.some(({ text }) => text.includes('"User_Account":144115212830834855,')), 'as bytes: no number of JavaScript has these digits')
})
