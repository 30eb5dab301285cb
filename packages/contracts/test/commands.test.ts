import { readFileSync } from 'node:fs'
import { Type, type TSchema } from '@sinclair/typebox'
import t from 'tap'
import { checkBody, entitiesOf, entryOf, eventKeysOf, examples, fieldsOf, isBeforeCommand, isKnownCommand, knownCommands, usualOrderingKey, type BodyOf, type Event, type EventOf } from '../src/index.ts'
import { exampleDeviations, tableDeviations } from './deviations.ts'

interface DocumentedCommand {
  command: string
  phase: string
  docUrl: string | null
  category: string
  partial: boolean
  fields: Array<{ path: string, type: string, required: boolean }>
  example: object | null
}

const documented: DocumentedCommand[] = JSON.parse(readFileSync(new URL('../fixtures/commands.json', import.meta.url), 'utf8'))

/** Kits beside Chat, whose fields are all optional to us. */
const isLoose = ({ category, partial }: DocumentedCommand) => partial || ['call', 'room', 'live'].includes(category)

const bodyOf = (command: string) => entryOf(command)?.body ?? Type.Object({})

function typeOf (schema: TSchema): string {
  if (Array.isArray(schema.anyOf)) return schema.anyOf.map(typeOf).join('/')
  switch (schema.type) {
    case 'string': return 'String'
    case 'integer': return 'Integer'
    case 'boolean': return 'Bool'
    case 'array': return `Array<${typeOf(schema.items)}>`
    case 'object': return 'Object'
    default: return 'any'
  }
}

t.test('the catalogue has every documented command, and no other', async t => {
  t.same(knownCommands.toSorted(), documented.map(({ command }) => command).toSorted())
  t.equal(knownCommands.length, 86)
  for (const { command, phase, docUrl } of documented) {
    t.equal(entryOf(command)?.documentation, docUrl?.startsWith('http') ? docUrl : undefined, command)
    t.equal(isBeforeCommand(command), phase === 'before', command)
  }
})

t.test('a title says when its command comes, and a remark is whole sentences', async t => {
  for (const command of knownCommands) {
    const { title = '', remark = 'None.' } = entryOf(command) ?? {}
    t.match(title, command === 'Live.CallbackBeforeCallBackNotBlock' ? /^Never/ : isBeforeCommand(command) ? /^Before / : /^(After|When) /, command)
    t.match(remark, /^[A-Z][^]*\.$/, command)
    t.strictSame([...remark.matchAll(/`([A-Z][A-Za-z0-9]+\.[A-Za-z0-9]+)`/g)].flatMap(([, named = '']) => isKnownCommand(named) || remark.includes('unknown command') ? [] : [named]), [], `${command}: the remark names commands that there are`)
  }
})

t.test('every documented field is in its schema and every field of a schema is documented, with the same type, but for the known deviations', async t => {
  const differences: Array<Record<string, unknown>> = []
  for (const command of documented) {
    const ours = new Map(fieldsOf(bodyOf(command.command)).map(({ path, schema, required }) => [path, { type: typeOf(schema), required }]))
    const theirs = new Map(command.fields.map(({ path, type, required }) => [path, { type, required }]))
    for (const path of new Set([...ours.keys(), ...theirs.keys()])) {
      if (path === 'CallbackCommand' || path === 'EventTime') continue
      const [schema, table] = [ours.get(path), theirs.get(path)]
      const spelled = (field: { type: string, required: boolean } | undefined) => field === undefined ? 'none' : `${field.type}${field.required || isLoose(command) ? '' : '?'}`
      if (spelled(schema) !== spelled(table)) differences.push({ command: command.command, field: path, table: spelled(table), schema: spelled(schema) })
    }
  }
  t.same(differences, tableDeviations.map(({ why: _, ...difference }) => difference))
})

t.test('EventTime is optional everywhere, a number or digits', async t => {
  for (const command of knownCommands) {
    const { EventTime: _, ...example }: { EventTime?: unknown } = examples[command]
    t.same(checkBody(command, example), { kind: 'fit' }, command)
    t.same(checkBody(command, { ...example, EventTime: 1670574414123 }), { kind: 'fit' }, command)
    t.same(checkBody(command, { ...example, EventTime: '1670574414123' }), { kind: 'fit' }, command)
    t.match(checkBody(command, { ...example, EventTime: 'soon' }), { kind: 'unfit', field: 'EventTime' }, command)
  }
})

t.test('every documented example is relayed, and drifts only where it is known to deviate', async t => {
  const drifts: Array<Record<string, unknown>> = []
  for (const { command, example } of documented) {
    if (example === null) continue
    const verdict = checkBody(command, example)
    t.not(verdict.kind, 'unfit', command)
    if (verdict.kind === 'drift') for (const { field, problem } of verdict.drifts) drifts.push({ command, field, problem })
  }
  t.same(drifts, exampleDeviations.map(({ why: _, ...drift }) => drift))
})

t.test('our examples fit, and are of the command that they stand for', async t => {
  for (const command of knownCommands) {
    t.same(checkBody(command, examples[command]), { kind: 'fit' }, command)
    const { CallbackCommand = command } = examples[command]
    t.equal(CallbackCommand, command)
  }
  t.notOk(isKnownCommand('Group.CallbackAfterNovelty'))
  t.notOk(isKnownCommand('toString'))
})

t.test('where the keys of a command are said to stand, its schema has a field', async t => {
  for (const command of knownCommands) {
    const paths = new Set(fieldsOf(bodyOf(command)).map(({ path }) => path))
    const { orderingKey = [], eventTime } = entryOf(command) ?? {}
    for (const place of [...orderingKey.flatMap(key => key.split('+')), eventTime?.field ?? '']) {
      t.ok(paths.has(place.replaceAll(/\.\d+\./g, '[].')), `${command}: ${place}`)
    }
  }
})

t.test('what belongs together has one ordering key, known command or not', async t => {
  const keyOf = (command: string, body: object) => eventKeysOf(command, body).orderingKey
  const room = 'rid-123'
  t.strictSame(knownCommands.filter(command => /^(Room|Mic|Live)\./.test(command)).filter(command => fieldsOf(bodyOf(command)).some(({ path }) => path === 'RoomId' || path === 'RoomInfo.RoomId'))
    .filter(command => keyOf(command, { RoomId: room, Operator_Account: 'bob' }) !== room && keyOf(command, { RoomInfo: { RoomId: room }, Operator_Account: 'bob' }) !== room), [], 'all events of a room')
  t.equal(keyOf('Room.CallbackUpdateRoomInfo', { Operator_Account: 'bob', RoomInfo: { RoomId: room } }), room)
  t.equal(keyOf('C2C.CallbackAfterNovelty', { Operator_Account: 'admin', From_Account: 'zoe', To_Account: 'adam' }), 'adam\nzoe')
  t.equal(keyOf('Follow.CallbackAfterFollowAdd', { From_Account: 'bob', FollowList: [{ To_Account: 'a' }, { To_Account: 'b' }] }), keyOf('Follow.CallbackAfterFollowDelete', { From_Account: 'bob', To_Account: ['b'] }))
  t.equal(keyOf('Sns.CallbackFriendAdd', { PairList: [{ From_Account: 'bob', To_Account: 'a' }, { From_Account: 'bob', To_Account: 'b' }] }), keyOf('Sns.CallbackFriendDelete', { PairList: [{ From_Account: 'bob', To_Account: 'b' }] }))
  for (const key of usualOrderingKey) {
    const names = key.split('+')
    const body = Object.fromEntries(names.map(name => name.includes('.') ? [name.split('.')[0], { [name.split('.')[1] ?? '']: name }] : [name, name]))
    t.equal(keyOf('Novel.CallbackAfterAll', body), names.toSorted().join('\n'), key)
  }
})

t.test('a list whose first element gives the key refuses nothing for the sake of an element', async t => {
  const friends = 'Sns.CallbackFriendAdd'
  t.match(checkBody(friends, { PairList: [{ From_Account: 'bob', To_Account: 'a' }, { From_Account: 7 }] }), { kind: 'drift' })
  t.match(checkBody(friends, {}), { kind: 'unfit', field: 'PairList' })
  t.match(checkBody('Group.CallbackAfterTopicInfoChanged', { ...examples['Group.CallbackAfterTopicInfoChanged'], TopicId: '' }), { kind: 'fit' }, 'nor an empty field that no documentation has')
})

t.test('entities: of battles both rooms, of recordings no kind of callback', async t => {
  const of = (command: keyof typeof examples) => entitiesOf(JSON.stringify(examples[command]))
  t.strictSame(of('Live.CallbackAfterCreateBattle').groups, ['pk-3', 'pk-5'])
  t.strictSame(of('Follow.CallbackAfterCloudRecordingChanged'), { groups: ['635055'], topics: [], accounts: [] })
  t.strictSame(of('Call.CallbackAfterRecordChanged').groups, ['1280586498'])
  t.strictSame(of('Group.CallbackAfterSendMsg').accounts, ['jared', 'admin', 'brennan', 'tandy'])
})

t.test('entities of a body of any size and shape', async t => {
  t.strictSame(entitiesOf(`{"X_Account":[${'{},'.repeat(400_000)}{"Y_Account":"bob"}]}`).accounts, ['bob'])
  t.strictSame(entitiesOf('{"CalleeList_Account":[144115212830834855, 7 ,144115212830834856]}').accounts, ['144115212830834855', '7', '144115212830834856'], 'numbers in a list that JavaScript cannot hold')
  const began = process.cpuUsage()
  for (const hostile of [`{"a":${' '.repeat(1_000_000)}1}`, `{"X_Account":${'1'.repeat(1_000_000)}x}`, `{"X_Account":[${'1,'.repeat(500_000)}`, '"_Account":['.repeat(80_000)]) entitiesOf(hostile)
  t.ok(process.cpuUsage(began).user < 5_000_000, 'in linear time')
})

// What must not fit here fails the build, before any test runs.
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends (<T>() => T extends B ? 1 : 2) ? true : false
const full: Same<BodyOf<'Group.CallbackAfterGroupFull'>, { CallbackCommand?: string, EventTime?: number | string, GroupId: string }> = true
const lists: Same<BodyOf<'Follow.CallbackAfterFollowDelete'>['To_Account'], string[]> = true
const open: Same<BodyOf<'C2C.CallbackAfterSendMsg'>['MsgBody'][number]['MsgContent'], Record<string, unknown>> = true
const kits: Same<BodyOf<'Call.CallbackAfterStartCall'>['CallInfo'], { CallId?: string, CallMediaType?: string, ChatGroupId?: string, RoomId?: string, RoomIdType?: number } | undefined> = true
const optionals: Same<BodyOf<'State.StateChange'>['KickedDevice'], Array<{ Platform?: string }> | undefined> = true
const noOthers: Same<'TopicIdList' extends keyof BodyOf<'Group.CallbackAfterCreateTopic'> ? true : false, false> = true
const bytes: Same<Event['body'] extends EventOf['body'] ? true : false, false> = true

/** As somebody would write who consumes events. */
function topicsIn (event: EventOf<'Group.CallbackAfterCreateTopic' | 'Group.CallbackAfterTopicDestroyed'> | EventOf<'State.StateChange'>): readonly string[] {
  switch (event.command) {
    case 'Group.CallbackAfterCreateTopic': return [event.body.TopicId]
    case 'Group.CallbackAfterTopicDestroyed': return typeof event.body.TopicIdList === 'string' ? [event.body.TopicIdList] : event.body.TopicIdList
    case 'State.StateChange': return []
  }
}

t.test('in TypeScript the command tells which body an event has', async t => {
  const event = { id: 'evt_1', appId: 1, query: '', receivedAt: 1, eventTime: null, orderingKey: 'x' }
  t.strictSame(topicsIn({ ...event, command: 'Group.CallbackAfterCreateTopic', body: examples['Group.CallbackAfterCreateTopic'] }), ['@TGS#_@TGS#cQVLVHIM62CJ@TOPIC#_@TOPIC#cRTE3HIM62C5'])
  t.strictSame(topicsIn({ ...event, command: 'Group.CallbackAfterTopicDestroyed', body: { GroupId: 'g', Type: 'Community', TopicIdList: 'one' } }), ['one'])
  t.strictSame(topicsIn({ ...event, command: 'State.StateChange', body: { Info: { Action: 'Login', To_Account: 'bob', Reason: 'Register' } } }), [])
  const any: EventOf = { ...event, command: 'Group.CallbackAfterGroupFull', body: { GroupId: 'g' } }
  t.equal(any.command === 'Group.CallbackAfterGroupFull' && any.body.GroupId, 'g')
  t.ok([full, lists, open, kits, optionals, noOthers, bytes].every(Boolean))
})
