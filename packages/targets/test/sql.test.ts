import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { catalogue, examples, fieldsOf, isMessageCommand, knownCommands, messageCommands, type Event, type KnownCommand } from '@baton/contracts'
import { RelayDocument, createLogger } from '@baton/runtime'
import { anEvent, mariadbServer, postgresServer } from '@baton/testing'
import fc from 'fast-check'
import t, { type Test } from 'tap'
import { EventView } from '../src/event-view.ts'
import { mysql } from '../src/mysql/mysql.ts'
import { postgres } from '../src/postgres/postgres.ts'
import { readTargets, relayVersion } from '../src/target-settings.ts'
import type { GroupAtTime, Target } from '../src/target.ts'
import { contentsOf, count, embeddedPostgres, empty, noContents, openTarget, realMariadb, realPostgres, receiptsIn, unclosed, type Database, type Kind } from './sql/databases.ts'
import { contentsAfter, eventsOf, groupOf, histories, imports, type Schedule } from './sql/histories.ts'
import { proxy } from './sql/proxy.ts'
import { targetContract } from '../src/target-contract.ts'

const servers = { postgres: await postgresServer(t), mysql: await mariadbServer(t) }
const real: Kind[] = [...servers.postgres === undefined ? [] : [realPostgres(servers.postgres.url)], ...servers.mysql === undefined ? [] : [realMariadb(servers.mysql.url)]]
const embedded = await embeddedPostgres(t)

const deliver = async (target: Target, events: Event[], signal = AbortSignal.timeout(20_000)) =>
  await target.deliver(events, { signal, attempt: 1 })

const kindsOf = (outcomes: { kind: string }[]) => outcomes.map(({ kind }) => kind)
const message = (body: object = {}) => anEvent({ command: 'Group.CallbackAfterSendMsg', body })
const topic = (fields: { body?: object } & Partial<Omit<Event, 'command' | 'body'>> = {}) => anEvent({ command: 'Group.CallbackAfterCreateTopic', ...fields })

t.test('the commands of messages are those whose bodies name messages, and those of one-to-one chats', async t => {
  const ofMessages = knownCommands.filter(isMessageCommand)
  const naming = knownCommands.filter(command => fieldsOf(catalogue[command].body).some(({ name }) => /^Msg(Body|Key|ID|Seq)$/.test(name)))
  t.strictSame(ofMessages, knownCommands.filter(command => naming.includes(command) || command.startsWith('C2C.')))
  const page = readFileSync(new URL('../../../docs/tables.md', import.meta.url), 'utf8')
  t.match(page, messageCommands.map(pattern => `\`${pattern}\``).join(', ').replace(/, (?=[^,]*$)/, ' and '), 'and the page names them')
})

t.test('a SQL target is given messages only where it asks for them', async t => {
  const read = async (settings: string) => {
    const document = new RelayDocument('baton.yaml', `targets:\n  a:\n    { type: mysql, url: "mysql://a@h/c", ${settings} }\n`, () => undefined)
    const [target] = await readTargets(document)
    const given = (commands: readonly KnownCommand[]) => commands.filter(command => target?.wants(new EventView(anEvent({ command, body: examples[command] }))).kind === 'wanted')
    return { problems: document.problems, given, version: relayVersion(target === undefined ? [] : [target]) }
  }
  const [before, after] = [false, true].map(isAfter => knownCommands.filter(command => /\.Callback(Before|Prev)/.test(command) !== isAfter))
  if (before === undefined || after === undefined) throw new Error('there are two')
  const plain = await read('')
  t.strictSame(plain.given(knownCommands), after.filter(command => !isMessageCommand(command)))
  const whole = await read('messages: true')
  t.strictSame(whole.given(knownCommands), after)
  t.not(whole.version, plain.version, 'it is routed in another way')
  t.strictSame((await read('commands: ["*"]')).given(knownCommands), knownCommands.filter(command => !isMessageCommand(command)))
  t.strictSame((await read('messages: true, commands: ["*"]')).given(knownCommands), knownCommands)
  t.strictSame((await read('messages: true, commands: [Group.CallbackAfterSendMsg]')).given(knownCommands), ['Group.CallbackAfterSendMsg'])
  for (const pattern of ['Group.CallbackAfterSendMsg', 'C2C.*', 'C2C.CallbackAfterSomethingNew']) {
    t.match((await read(`commands: ["Group.*", "${pattern}"]`)).problems, [/^baton\.yaml:3:\d+ targets\.a\.commands\[1\]: .* names messages alone, and this target leaves them out; add messages: true, or take it out/], pattern)
    t.strictSame((await read(`messages: true, commands: ["Group.*", "${pattern}"]`)).problems, [])
  }
  const statement = 'statements: [{ commands: ["*", C2C.*], sql: "DELETE FROM a" }]'
  t.match((await read(statement)).problems, [/targets\.a\.statements\[0\]\.commands\[1\]: C2C\.\* names messages alone.*add messages: true/], 'statements for what never comes')
  t.strictSame((await read(`messages: true, ${statement}`)).problems, [])
  t.match((await read('tables: [chat_message]')).problems, [/targets\.a\.tables: chat_message stays empty without messages: true/])
  t.match((await read('retention: { chat_message: 30d }')).problems, [/targets\.a\.retention: chat_message does nothing without messages: true/])
})

for (const kind of [...real, embedded]) {
  t.test(`${kind.name}: what events tell of groups, topics and members`, async t => {
    const database = await kind.fresh(t)
    const group = anEvent({ body: { GroupId: 'g' }, receivedAt: 1_700_000_000_000 })
    const community = topic({ body: { GroupId: 'c', TopicId: 'c@TOPIC#_1' }, receivedAt: 1_700_000_000_001 })
    const unknown: Event = { ...anEvent({ body: { GroupId: 'g', Big: 1 } }), command: 'Group.CallbackAfterSomething', body: Buffer.from('{"Big": 12345678901234567890, "GroupId": "g"}') }

    t.strictSame(kindsOf(await deliver(openTarget(t, database), [group, community, unknown])), ['delivered', 'delivered', 'delivered'])

    const at = 1_670_574_414_123
    const custom = { UserDefined1: 'hello', UserDefined2: 'world' }
    t.strictSame(await contentsOf(database), {
      chat_group: { c: { type: 'Community', owner_account: 'leckie', incomplete: true }, g: { type: 'Public', name: 'MyFirstGroup', owner_account: 'leckie', custom, created_at: at, incomplete: false } },
      chat_topic: { 'c@TOPIC#_1': { group_id: 'c', name: 'MyFirstTopic', custom, created_at: 1_700_000_000_001, incomplete: false } },
      chat_group_member: { 'g bob': { joined_at: at, incomplete: false }, 'g leckie': { role: 'Owner', joined_at: at, incomplete: false }, 'g peter': { joined_at: at, incomplete: false } },
      chat_message: {}
    })
    t.strictSame(await database.query(`SELECT ${kind.json('body')} AS body, group_id FROM chat_event WHERE event_id = '${unknown.id}'`), [{ body: unknown.body.toString(), group_id: 'g' }], 'the body is kept as it came')
  })

  t.test(`${kind.name}: ids compare byte by byte, blanks at their end included`, async t => {
    const database = await kind.fresh(t)
    const ids = ['a', 'A', 'ä', 'a ', 'a\t', 'A\u0301', '\u{1F600}']
    await deliver(openTarget(t, database), ids.map(GroupId => anEvent({ body: { GroupId, Owner_Account: GroupId, MemberList: [] } })))
    const { chat_group: groups, chat_group_member: members } = await contentsOf(database)
    t.strictSame(Object.keys(groups).sort(), ids.toSorted())
    t.strictSame(Object.keys(members).sort(), ids.map(id => `${id} ${id}`).sort())
  })

  t.test(`${kind.name}: a group lives from its creation to its end, as its documented callbacks tell`, async t => {
    const database = await kind.fresh(t)
    const target = openTarget(t, database)
    let time = 1_000
    /** What the documentation's example says, of group g. */
    const told = async (command: KnownCommand, body: object = {}) => {
      time += 1_000
      t.strictSame(kindsOf(await deliver(target, [anEvent({ command, body: { GroupId: 'g', EventTime: time, ...body } })])), ['delivered'], command)
      return await contentsOf(database)
    }
    const created = { type: 'Public', name: 'MyFirstGroup', owner_account: 'leckie', created_at: 3_000, incomplete: false }

    t.strictSame((await told('Group.CallbackAfterNewMemberJoin')).chat_group, { g: { type: 'Public', incomplete: true } }, 'a group whose creation nobody saw is known in part')
    t.match((await told('Group.CallbackAfterCreateGroup')).chat_group, { g: created })
    const joined = await told('Group.CallbackAfterNewMemberJoin')
    t.strictSame(joined.chat_group_member['g jared'], { role: 'Member', joined_at: 4_000, incomplete: false })
    const admin = await told('Group.CallbackAfterMemberFieldChanged', { Member_Account: 'jared', UserDefinedDataList: [{ Key: 'level', Value: 'gold' }] })
    t.strictSame(admin.chat_group_member['g jared'], { role: 'Admin', name_card: 'jacky', custom: { level: 'gold' }, joined_at: 4_000, incomplete: false })
    const changed = await told('Group.CallbackAfterMemberFieldChanged', { Member_Account: undefined, Modified_Account: 'jared', Role: undefined, NameCard: '', UserDefinedDataList: [{ Key: 'since', Value: '2026' }] })
    t.strictSame(changed.chat_group_member['g jared'], { role: 'Admin', name_card: '', custom: { level: 'gold', since: '2026' }, joined_at: 4_000, incomplete: false }, 'what is not named stays')
    const owned = await told('Group.CallbackAfterChangeGroupOwner', { OldOwner_Account: 'leckie', NewOwner_Account: 'jared' })
    t.match(owned, { chat_group: { g: { owner_account: 'jared' } }, chat_group_member: { 'g jared': { role: 'Owner' }, 'g leckie': { role: 'Member' } } })
    t.match((await told('Group.CallbackAfterGroupInfoChanged', { Introduction: 'x' })).chat_group, { g: { ...created, owner_account: 'jared', notification: 'NewNotification', introduction: 'x' } })
    t.match((await told('Group.CallbackAfterGroupAttrChanged')).chat_group, { g: { attributes: { key1: 'value1', key2: 'values' } } })
    const attributes = (OptionType: string, ...GroupAttr: object[]) => told('Group.CallbackAfterGroupAttrChanged', { OptionType, GroupAttr }).then(({ chat_group: groups }) => groups['g']?.attributes)
    t.strictSame(await attributes('modify', { key: 'key2', value: 'new' }, { key: 'key3', value: '' }), { key1: 'value1', key2: 'new', key3: '' })
    t.strictSame(await attributes('delete', { key: 'key1' }), { key2: 'new', key3: '' })
    t.strictSame(await attributes('set', { key: 'key4', value: 'only' }), { key4: 'only' })
    t.strictSame(await attributes('clear'), {})
    t.match((await told('Group.CallbackAfterGroupFull')).chat_group, { g: { full_at: time } })
    const kicked = await told('Group.CallbackAfterMemberExit')
    t.match(kicked.chat_group_member, { 'g jared': { left_at: time, exit_type: 'Kicked', joined_at: 4_000 }, 'g tommy': { left_at: time, exit_type: 'Kicked' } })
    t.strictSame((await told('Group.CallbackAfterNewMemberJoin')).chat_group_member['g jared'], { role: 'Member', custom: { level: 'gold', since: '2026' }, joined_at: time, incomplete: false }, 'who comes back is in again, as a plain member')
    const destroyed = await told('Group.CallbackAfterGroupDestroyed')
    t.match(destroyed, { chat_group: { g: { name: 'MyFirstGroup', destroyed_at: time, attributes: {} } }, chat_group_member: { 'g leckie': { left_at: time }, 'g peter': { left_at: time }, 'g bob': { left_at: time } } })
    t.strictSame((await told('Group.CallbackAfterCreateGroup', { Name: 'again', UserDefinedDataList: undefined })).chat_group, { g: { type: 'Public', name: 'again', owner_account: 'leckie', attributes: {}, created_at: time, incomplete: false } }, 'a new group of the same id inherits nothing')
  })

  t.test(`${kind.name}: a message lives from its sending to its recall, as its documented callbacks tell`, async t => {
    const database = await kind.fresh(t)
    const target = openTarget(t, database, { messages: true })
    /** What the documentation's example says. */
    const told = async (command: KnownCommand, body: object, receivedAt = 9_000_000_000_000) => {
      t.strictSame(kindsOf(await deliver(target, [anEvent({ command, body, receivedAt })])), ['delivered'], command)
      return (await contentsOf(database)).chat_message
    }
    const [group, topicId] = ['@TGS#_1', '@TGS#_1@TOPIC#_2']
    const body = (Text: string) => [{ MsgType: 'TIMTextElem', MsgContent: { Text } }]

    await told('Group.CallbackAfterRecallMsg', { GroupId: group, TopicId: topicId, MsgSeqList: [{ MsgSeq: 123 }, { MsgSeq: 9 }] })
    await told('Group.CallbackAfterSendMsg', { GroupId: group, TopicId: topicId })
    await told('Group.CallbackAfterModifyMsg', { GroupId: group, TopicId: '', MsgSeq: 123 })
    const read = await told('Group.CallbackAfterReadReceipt', { GroupId: group, GroupMsgReceiptList: [{ MsgSeq: 123, ReadNum: 2, UnreadNum: 5 }] })
    t.strictSame(read, {
      [`${topicId} 123`]: {
        group_id: group,
        topic_id: topicId,
        from_account: 'jared',
        msg_seq: '123',
        msg_random: '123456',
        msg_id: '144115233406643804-1727580296-4026038328',
        sent_at: 1_490_686_222_000,
        online_only_flag: '1',
        msg_body: body('red packet'),
        cloud_custom_data: 'your cloud custom data',
        recalled_at: 1_670_574_414_123,
        recalled_by: 'admin',
        incomplete: false
      },
      [`${topicId} 9`]: { group_id: group, topic_id: topicId, msg_seq: '9', recalled_at: 1_670_574_414_123, recalled_by: 'admin', incomplete: true },
      [`${group} 123`]: { group_id: group, msg_seq: '123', msg_body: body('2026-03-06T02:09:35.302Z'), modified_at: 1_772_762_975_589, modified_by: 'oper-user', read_at: 1_670_574_414_123, read_num: '2', unread_num: '5', incomplete: true }
    }, 'a topic has numbers of its own')

    await database.query('DELETE FROM chat_message')
    const pair = 'Jonh\njared'
    const sentAgain = async (receivedAt: number) => await told('C2C.CallbackAfterSendMsg', { From_Account: 'jared', To_Account: 'Jonh', UnreadMsgNum: receivedAt }, receivedAt)
    const sent = { from_account: 'jared', to_account: 'Jonh', msg_seq: '48374', msg_random: '2837546', sent_at: 1_557_481_126_000, online_only_flag: '1', send_msg_result: '0', msg_body: body('red packet'), cloud_custom_data: 'your cloud custom data', incomplete: false }
    t.strictSame(await sentAgain(1_557_481_127_000), { [`${pair} 48374_2837546_1557481126`]: sent })
    await told('C2C.CallbackAfterMsgWithDraw', { From_Account: 'jared', To_Account: 'Jonh' }, 1_557_481_130_000)
    await told('C2C.CallbackAfterMsgReadReceipt', { C2CMsgInfo: [{ From_Account: 'jared', To_Account: 'Jonh', MsgKey: '48374_2837546_1557481126' }] })
    await told('C2C.CallbackAfterModifyMsg', { From_Account: 'jared', To_Account: 'Jonh', MsgKey: '48374_2837546_1557481126' })
    const all = { ...sent, msg_body: body('2026-01-30T11:20:26.548Z'), cloud_custom_data: '1769772027', modified_at: 1_769_772_027_036, modified_by: 'jared', recalled_at: 1_557_481_130_000, read_at: 1_769_139_587_754 }
    t.strictSame(await sentAgain(1_557_481_140_000), { [`${pair} 48374_2837546_1557481126`]: all }, 'a second callback without EventTime does not undo what became of the message')
    t.strictSame((await told('C2C.CallbackAfterSendMsg', { From_Account: 'Jonh', To_Account: 'jared', MsgKey: '1_2_3', SendMsgResult: 20_006 }))[`${pair} 1_2_3`]?.send_msg_result, '20006', 'both directions are one conversation')

    await database.query('DELETE FROM chat_message')
    await told('Group.CallbackAfterSendMsg', { GroupId: 'live', MsgSeq: 0 })
    for (const command of ['Bot.OnC2CMessage', 'Bot.OnGroupMessage', 'Group.CallbackSendMsgException', 'Group.CallbackBeforeSendMsg'] as const) await told(command, { GroupId: 'live' })
    await told('OfficialAccount.CallbackAfterSendMsg', { Official_Account: '@TOA#_1' })
    t.match(await told('OfficialAccount.CallbackAfterMsgWithDraw', { Official_Account: '@TOA#_1' }), { '@TOA#_1 71_1_1698741698': { from_account: '@TOA#_1', sent_at: 1_490_686_222_000, recalled_at: 1_670_574_414_123, incomplete: false } })
    t.equal(await count(database, 'chat_message'), 1, 'those without a number of their own have no row')
    t.strictSame((await contentsOf(database)).chat_group, {}, 'messages tell nothing of their groups')
  })

  t.test(`${kind.name}: numbers in a message keep every digit`, async t => {
    const database = await kind.fresh(t)
    const event: Event = { ...anEvent(), command: 'Group.CallbackAfterSendMsg', body: Buffer.from('{"GroupId":"g","MsgSeq":1,"MsgBody":[{"MsgType":"TIMCustomElem","MsgContent":{"n":12345678901234567890}}]}') }
    t.strictSame(kindsOf(await deliver(openTarget(t, database, { messages: true }), [event])), ['delivered'])
    t.match((await database.query(`SELECT ${kind.json('msg_body')} AS body FROM chat_message`))[0]?.body, '12345678901234567890')
  })

  t.test(`${kind.name}: a topic lives from its creation to its end, as its documented callbacks tell`, async t => {
    const database = await kind.fresh(t)
    const target = openTarget(t, database)
    const [one, other] = ['c@TOPIC#_1', 'c@TOPIC#_2']
    const told = async (command: KnownCommand, EventTime: number, body: object) => {
      t.strictSame(kindsOf(await deliver(target, [anEvent({ command, body: { GroupId: 'c', EventTime, ...body } })])), ['delivered'], command)
      return await contentsOf(database)
    }
    await told('Group.CallbackAfterCreateTopic', 1_000, { TopicId: one, UserDefinedDataList: undefined })
    const changed = await told('Group.CallbackAfterTopicInfoChanged', 2_000, { TopicId: one })
    const profile = { group_id: 'c', name: 'TestTopic', introduction: 'TestIntroduction', notification: 'NewNotification', face_url: 'http://this.is.face.url' }
    t.strictSame(changed.chat_topic, { [one]: { ...profile, created_at: 1_000, incomplete: false } })
    t.strictSame((await told('Group.CallbackAfterTopicInfoChanged', 3_000, { Name: 'whose' })).chat_topic, changed.chat_topic, 'without a TopicId nobody knows which topic changed')
    const destroyed = await told('Group.CallbackAfterTopicDestroyed', 4_000, { TopicIdList: [one, other] })
    t.strictSame(destroyed.chat_topic, { [one]: { ...profile, created_at: 1_000, destroyed_at: 4_000, incomplete: false }, [other]: { group_id: 'c', destroyed_at: 4_000, incomplete: true } })
    t.match((await told('Group.CallbackAfterTopicDestroyed', 5_000, { TopicIdList: other })).chat_topic[other], { destroyed_at: 5_000 }, 'a text instead of a list')
    t.strictSame(destroyed.chat_group, { c: { type: 'Community', owner_account: 'leckie', incomplete: true } })
  })

  t.test(`${kind.name}: numbers in custom fields and attributes keep every digit`, async t => {
    const database = await kind.fresh(t)
    const value = '{"id":12345678901234567890,"deep":[0.10,-9007199254740993]}'
    let receivedAt = 1_000
    const raw = (command: KnownCommand, rest: string): Event => ({ ...anEvent({ command, eventTime: null, receivedAt: ++receivedAt }), body: Buffer.from(`{"GroupId":"g",${rest}}`) })
    const events = [
      raw('Group.CallbackAfterCreateGroup', `"UserDefinedDataList":[{"Key":"a","Value":${value}},{"Key":"b","Value":144115212830834855},{"Key":"c","Value":1e9999}]`),
      raw('Group.CallbackAfterGroupAttrChanged', `"OptionType":"set","GroupAttr":[{"key":"a","value":${value}}]`),
      raw('Group.CallbackAfterGroupAttrChanged', '"OptionType":"modify","GroupAttr":[{"key":"b","value":144115212830834855}]')
    ]
    for (const event of events) t.strictSame(kindsOf(await deliver(openTarget(t, database), [event])), ['delivered'])
    const [row] = await database.query(`SELECT ${kind.json('custom')} AS custom, ${kind.json('attributes')} AS attributes FROM chat_group`)
    // PostgreSQL keeps the digits of jsonb, and orders members by their length.
    const digits = (text: unknown) => String(text).match(/[-\d.]{4,}/g)?.sort()
    t.strictSame(digits(row?.custom), ['-9007199254740993', '0.10', '12345678901234567890', '144115212830834855', '9999'])
    t.strictSame(digits(row?.attributes), ['-9007199254740993', '0.10', '12345678901234567890', '144115212830834855'])
  })

  t.test(`${kind.name}: a repeat with another time of receipt changes nothing, sooner, later or in the same batch`, async t => {
    const database = await kind.fresh(t)
    const target = openTarget(t, database)
    const event = (id: string, receivedAt: number, Name: string) => anEvent({ id, receivedAt, body: { GroupId: 'g', Name, EventTime: undefined } })
    await deliver(target, [event('evt_1', 3_000, 'first'), event('evt_1', 2_000, 'first'), event('evt_2', 4_000, 'second')])
    for (const receivedAt of [9_000, 1_000]) {
      t.strictSame(kindsOf(await deliver(target, [event('evt_1', receivedAt, 'first'), event('evt_3', 3_500, 'between')])), ['delivered', 'delivered'])
      t.match(await contentsOf(database), { chat_group: { g: { name: 'second' } } })
      t.equal(await versionOf(database, 'name'), '000000000004000.0000 evt_2')
    }
    t.match(await receiptsIn(database), { evt_1: 2_000 }, 'of one batch the earliest, then the one that is stored')
  })

  t.test(`${kind.name}: commands with the names of what every object has are commands like any other`, async t => {
    const database = await kind.fresh(t)
    const commands = ['hasOwnProperty', 'valueOf', 'toString', 'constructor', '__proto__']
    t.strictSame(kindsOf(await deliver(openTarget(t, database), commands.map(command => ({ ...anEvent(), command })))), commands.map(() => 'delivered'))
    t.equal(await count(database, 'chat_event'), 5)
    t.equal(await count(database, 'chat_group'), 0)
  })

  t.test(`${kind.name}: what a later Baton added to a row stays`, async t => {
    const database = await kind.fresh(t)
    const target = openTarget(t, database)
    await deliver(target, [anEvent({ body: { GroupId: 'g' }, id: 'evt_1' })])
    await database.query(kind.type === 'mysql' ? "UPDATE chat_group SET versions = JSON_SET(versions, '$.mood', 'later')" : 'UPDATE chat_group SET versions = versions || \'{"mood": "later"}\'')
    await deliver(target, [anEvent({ body: { GroupId: 'g', Name: 'renamed' }, id: 'evt_2' })])
    t.match(await contentsOf(database), { chat_group: { g: { name: 'renamed' } } })
    t.equal(await versionOf(database, 'mood'), 'later')
    t.equal(await versionOf(database, 'name'), '001670574414123.0000 evt_2')
  })

  t.test(`${kind.name}: what was decided about a before-callback stands beside it`, async t => {
    const database = await kind.fresh(t)
    const decision = { verdict: 'deny', by: 'endpoint', answer: '{"ErrorInfo":"nö \\u0000"}', took: 36.5 } as const
    t.strictSame(kindsOf(await deliver(openTarget(t, database), [anEvent({ command: 'Group.CallbackBeforeSendMsg', decision }), anEvent(), anEvent({ decision: { ...decision, problem: 'a\0b\ud800' } })])), ['delivered', 'delivered', 'delivered'])
    const found = (await database.query(`SELECT ${kind.json('decision')} AS decision FROM chat_event WHERE decision IS NOT NULL`)).map(row => JSON.parse(String(row.decision)))
    t.strictSame(found.sort((a, b) => Object.keys(a).length - Object.keys(b).length), [decision, { ...decision, problem: 'a\uFFFDb\uFFFD' }])
    t.equal(await count(database, 'chat_event WHERE decision IS NULL'), 1)
  })

  t.test(`${kind.name}: five workers may create the tables at once`, async t => {
    const database = await kind.fresh(t)
    const outcomes = await Promise.all(Array.from({ length: 5 }, async () => await deliver(openTarget(t, database), [anEvent(), anEvent()])))
    t.strictSame(new Set(kindsOf(outcomes.flat())), new Set(['delivered']))
    t.equal(await count(database, 'baton_migration'), await count(database, '(SELECT DISTINCT version FROM baton_migration) AS each_once'))
    t.equal(await count(database, 'chat_event'), 10)
  })

  t.test(`${kind.name}: an event that cannot be taken is rejected alone`, async t => {
    const database = await kind.fresh(t)
    const target = openTarget(t, database)
    const deep: Event = { ...anEvent(), body: Buffer.from(`{"GroupId":"g","Deep":${'['.repeat(100_000)}${']'.repeat(100_000)}}`) }
    const long = anEvent({ body: { GroupId: randomBytes(8_000).toString('hex') } })
    const notJson: Event = { ...anEvent(), body: Buffer.from('{"GroupId":') }
    for (const [poison, code] of [[deep, kind.codes.tooDeep], [long, kind.codes.tooLong], [notJson, kind.codes.notJson]] as const) {
      await dropTables(database)
      await deliver(target, [anEvent()]) // finds the tables gone
      const good = [anEvent(), topic(), anEvent(), topic()]

      const outcomes = await deliver(target, [...good.slice(0, 2), poison, ...good.slice(2)])

      t.strictSame(kindsOf(outcomes), ['delivered', 'delivered', 'reject', 'delivered', 'delivered'])
      t.match(outcomes[2], { code })
      const kept = await receiptsIn(database)
      for (const { id } of good) t.ok(id in kept)
      t.notOk(poison.id in kept)
    }
  })

  t.test(`${kind.name}: a defect of ours that one event brings to light stops no other`, async t => {
    const database = await kind.fresh(t)
    const events = [anEvent(), anEvent({ receivedAt: NaN }), anEvent()]
    t.match(await deliver(openTarget(t, database), events), [{ kind: 'delivered' }, { kind: 'retry', code: 'unexpected', reason: /RangeError in (timestamp|datetime)-of\.[jt]s:\d+$/ }, { kind: 'delivered' }])
    t.equal(await count(database, 'chat_event'), 2)
  })

  t.test(`${kind.name}: an event and its rows are written together or not at all`, async t => {
    const database = await kind.fresh(t)
    const target = openTarget(t, database)
    await deliver(target, [anEvent()])
    await database.query("ALTER TABLE chat_group_member ADD CONSTRAINT no_mallory CHECK (account <> 'mallory')")
    const refused = anEvent({ body: { GroupId: 'secret-club', Owner_Account: 'mallory' } })

    const outcomes = await deliver(target, [refused])

    t.match(outcomes, [{ kind: 'reject', code: kind.codes.check, reason: /no_mallory/ }])
    t.notMatch(JSON.stringify(outcomes), /secret-club|leckie/, 'the reason holds no values')
    t.equal(await count(database, `chat_event WHERE event_id = '${refused.id}'`), 0)
    t.equal(await count(database, "chat_group WHERE group_id = 'secret-club'"), 0)
  })

  t.test(`${kind.name}: texts that a database cannot hold are mended before keys are compared`, async t => {
    const database = await kind.fresh(t)
    const same = ['x\0', 'x\uFFFD', 'x\uD800'].map((GroupId, at) =>
      anEvent({ body: { GroupId, Name: `\0${at}`, EventTime: 1_700_000_000_000 + at, MemberList: [{ Member_Account: 'a\0' }, { Member_Account: 'a\uDC00' }], UserDefinedDataList: [{ Key: '__proto__', Value: { '\0': '\uD800' } }] } }))
    const withMark: Event = { ...anEvent(), body: Buffer.from('\uFEFF{"GroupId":"marked"}') }
    const long = anEvent({ body: { GroupId: 'long', Name: 'ü'.repeat(400_000) } })
    const quoted = anEvent({ body: { GroupId: "q'\\\"`;--", Name: "\\' OR 1=1 \n\r\u001A %_?" } })

    t.strictSame(kindsOf(await deliver(openTarget(t, database), [...same, withMark, long, quoted])), ['delivered', 'delivered', 'delivered', 'delivered', 'delivered', 'delivered'])

    const { chat_group: groups, chat_group_member: members } = await contentsOf(database)
    t.match(groups['x\uFFFD'], { name: '\uFFFD2' })
    t.strictSame(await database.query(`SELECT ${kind.json('custom')} AS custom FROM chat_group WHERE group_id LIKE 'x%'`).then(rows => rows.map(row => String(row.custom).replaceAll(' ', ''))), ['{"__proto__":{"\uFFFD":"\uFFFD"}}'])
    t.strictSame(Object.keys(members).filter(key => key.startsWith('x')).sort(), ['x\uFFFD a\uFFFD', 'x\uFFFD leckie'])
    t.strictSame(await database.query("SELECT DISTINCT group_id FROM chat_event WHERE group_id LIKE 'x%'"), [{ group_id: 'x\uFFFD' }])
    t.strictSame(groups['long']?.name, 'ü'.repeat(400_000))
    t.strictSame(groups["q'\\\"`;--"]?.name, "\\' OR 1=1 \n\r\u001A %_?")
  })

  t.test(`${kind.name}: odd shapes of fields tell nothing, and stop nothing`, async t => {
    const database = await kind.fresh(t)
    const odd = anEvent({ body: { GroupId: 'odd', Name: 7, Type: null, Owner_Account: ['x'], MemberList: [null, 3, {}, { Member_Account: 5 }, { Member_Account: 'ok' }], UserDefinedDataList: { Key: 'x' }, EventTime: 'soon' } })
    t.strictSame(kindsOf(await deliver(openTarget(t, database), [odd, { ...topic(), body: Buffer.from('{"GroupId":"odd"}') }, { ...anEvent(), body: Buffer.from('[1]') }])), ['delivered', 'delivered', 'delivered'])
    const { chat_group: groups, chat_group_member: members } = await contentsOf(database)
    t.match(groups, { odd: { incomplete: false, name: undefined, type: undefined, owner_account: undefined, custom: undefined } })
    t.strictSame(Object.keys(members), ['odd ok'])
  })

  t.test(`${kind.name}: only the tables that are asked for are kept, and events always`, async t => {
    const database = await kind.fresh(t)
    await deliver(openTarget(t, database, { tables: 'none' }), [anEvent(), topic()])
    t.strictSame(await contentsOf(database), noContents())
    await deliver(openTarget(t, database, { tables: ['chat_topic'] }), [anEvent({ body: { GroupId: 'g' } }), topic({ body: { GroupId: 'c', TopicId: 'c@TOPIC#_1' } })])
    const { chat_group: groups, chat_topic: topics, chat_group_member: members } = await contentsOf(database)
    t.strictSame([groups, Object.keys(topics), members], [{}, ['c@TOPIC#_1'], {}])
    t.equal(await count(database, 'chat_event'), 4)
    await deliver(openTarget(t, database), [message()])
    await deliver(openTarget(t, database, { messages: true, tables: 'none' }), [message()])
    t.equal(await count(database, 'chat_message'), 0)
    await deliver(openTarget(t, database, { messages: true }), [message()])
    t.equal(await count(database, 'chat_message'), 1)
  })

  t.test(`${kind.name}: targets with prefixes share a database and nothing else`, async t => {
    const database = await kind.fresh(t)
    const [one, other] = ['one_', 'other_'].map(prefix => openTarget(t, database, { prefix }))
    if (one === undefined || other === undefined) throw new Error('there are two')
    const attributes = anEvent({ command: 'Group.CallbackAfterGroupAttrChanged' })
    t.strictSame(kindsOf(await deliver(one, [anEvent(), topic(), attributes])), ['delivered', 'delivered', 'delivered'])
    t.strictSame(kindsOf(await deliver(other, [attributes])), ['delivered'])
    t.strictSame(await Promise.all(['one_chat_event', 'one_chat_topic', 'other_chat_event', 'other_chat_topic', 'other_chat_group'].map(async name => await count(database, name))), [3, 1, 1, 0, 1])
    t.strictSame(kindsOf(await deliver(openTarget(t, database), [anEvent()])), ['delivered'], 'nor does one without a prefix mind')
  })

  t.test(`${kind.name}: migrate: print logs the SQL and waits for somebody to run it, off only waits`, async t => {
    const database = await kind.fresh(t)
    const lines: { sql?: string, msg: string }[] = []
    const log = createLogger('test', 'warn', { write: (line: string) => { lines.push(JSON.parse(line)) } })
    const [printing, waiting] = [openTarget(t, database, { migrate: 'print', prefix: 'p_', log }), openTarget(t, database, { migrate: 'off', prefix: 'p_', log })]
    t.match(await deliver(waiting, [anEvent()]), [{ kind: 'retry', slow: true, code: /_tables_wait$/, reason: /version 0.*migrate: print/ }])
    t.strictSame(lines, [])
    t.match(await deliver(printing, [anEvent(), anEvent()]), [{ kind: 'retry', slow: true, code: /_tables_wait$/, reason: /run the SQL that was logged/ }, { kind: 'retry' }])
    t.match(lines, [{ msg: /run the SQL of this line/, sql: /CREATE TABLE.*p_chat_group_member/s }])
    for (const statement of lines[0]?.sql?.split(/;\n?/) ?? []) if (statement.trim() !== '') await database.query(statement)
    t.strictSame(kindsOf([...await deliver(printing, [anEvent()]), ...await deliver(waiting, [anEvent()])]), ['delivered', 'delivered'])
    t.equal(await count(database, 'p_chat_event'), 2)
  })

  t.test(`${kind.name}: what has outlived its retention is deleted bit by bit, and nothing else`, async t => {
    const database = await kind.fresh(t)
    const day = 86_400_000
    const ago = (days: number) => Date.now() - days * day
    const old = Array.from({ length: 1_500 }, (_, at) => anEvent({ command: 'Group.CallbackAfterSendMsg', body: { GroupId: 'g', Random: at }, receivedAt: ago(31) + at }))
    const ended = (GroupId: string, EventTime: number) => anEvent({ command: 'Group.CallbackAfterGroupDestroyed', body: { GroupId, EventTime } })
    const plain = openTarget(t, database, { messages: true })
    await deliver(plain, [...old, ended('long ago', ago(8)), ended('lately', ago(6)), anEvent({ body: { GroupId: 'alive' } })])
    const recall = anEvent({ command: 'Group.CallbackAfterRecallMsg', body: { GroupId: 'unseen', EventTime: ago(3), MsgSeqList: [{ MsgSeq: 1 }] } })
    await deliver(plain, [message({ MsgTime: Math.floor(ago(3) / 1_000), GroupId: 'old' }), message({ MsgTime: Math.floor(ago(1) / 1_000), GroupId: 'young' }), recall])
    await database.query('DELETE FROM chat_event WHERE group_id IN (\'old\', \'young\', \'unseen\')')
    const target = openTarget(t, database, { messages: true, retention: { chat_event: '30d', chat_group: '7d', chat_topic: '7d', chat_group_member: '7d', chat_message: '2d' } })
    await deliver(target, [anEvent({ body: { GroupId: 'new' } })])
    while (await count(database, 'chat_group_member') > 9 || await count(database, 'chat_event') > 4 || await count(database, 'chat_message') > 1) await count(database, 'chat_event')
    t.strictSame(Object.keys((await contentsOf(database)).chat_group).sort(), ['alive', 'lately', 'new'])
    t.equal(await count(database, 'chat_event'), 4)
    t.equal(await count(database, "chat_group_member WHERE group_id = 'lately'"), 3)
    t.strictSame(Object.keys((await contentsOf(database)).chat_message), ['young 123'], 'also one whose sending nobody told')
  })

  t.test(`${kind.name}: a database of a newer Baton is left alone`, async t => {
    const database = await kind.fresh(t)
    await database.query('CREATE TABLE baton_migration (version integer PRIMARY KEY)')
    await database.query('INSERT INTO baton_migration VALUES (1000)')
    const target = openTarget(t, database)
    t.match(await deliver(target, [anEvent(), anEvent()]), [{ kind: 'retry', slow: true, code: kind.codes.newer, reason: /version 1000/ }, { kind: 'retry' }])
    await database.query('DROP TABLE baton_migration')
    t.strictSame(kindsOf(await deliver(target, [anEvent()])), ['delivered'], 'looks again with the next delivery')
  })

  t.test(`${kind.name}: tables that are gone are told of, and made anew when nothing is left of them`, async t => {
    const database = await kind.fresh(t)
    const target = openTarget(t, database)
    await deliver(target, [anEvent()])
    await dropTables(database)
    t.match(await deliver(target, [anEvent(), anEvent()]), [{ kind: 'retry', slow: true, code: kind.codes.noTable }, { kind: 'retry', slow: true }])
    t.strictSame(kindsOf(await deliver(target, [anEvent()])), ['delivered'])
  })
}

// One property over all servers: each ends as the model does, so they end alike. A failure prints its seed; FC_SEED repeats it.
for (const kinds of [real, [embedded]]) {
  if (kinds.length === 0) continue
  t.test(`${kinds.map(({ name }) => name).join(' and ')}: any order, repetition and batching of events and imports end in the same rows`, async t => {
    const rigs = await Promise.all(kinds.map(async kind => {
      const database = await kind.fresh(t)
      const targets: [Target, Target] = [openTarget(t, database, { messages: true }), openTarget(t, database, { messages: true })]
      await deliver(targets[0], [anEvent()]) // creates the tables
      return { database, targets }
    }))
    // The time limit ends the search for a smaller counterexample.
    await fc.assert(fc.asyncProperty(histories, imports, async ({ history, one, other }, { groups, ...when }) => {
      const ended = await Promise.allSettled(rigs.map(async ({ database, targets }) => {
        for (const [schedule, moment, order] of [[one, when.one, groups], [other, when.other, groups.toReversed()]] as const) {
          await empty(database)
          if (moment === 'before') await loadAll(targets[0], order.map(groupOf))
          await Promise.all([deliverAll(targets, schedule), ...moment === 'among' ? [loadAll(targets[0], order.map(groupOf))] : []])
          if (moment === 'after') for (const group of [...order, ...order]) await loadAll(targets[1], [groupOf(group)])
          const receipts = await receiptsIn(database)
          assert.deepEqual(Object.keys(receipts).sort(), history.map(({ id }) => id).sort())
          assert.deepEqual(await contentsOf(database), contentsAfter(history, receipts, groups), database.kind.name)
        }
      }))
      for (const end of ended) if (end.status === 'rejected') throw end.reason // once all have ended: the next run begins with empty tables
    }), { numRuns: Math.min(...kinds.map(({ runs }) => runs)), interruptAfterTimeLimit: 15_000, ...process.env.FC_SEED !== undefined && { seed: Number(process.env.FC_SEED) } })
  })
}

/** Deadlocks and the like are tried again, as the worker would. */
async function deliverAll (targets: [Target, Target], schedule: Schedule): Promise<void> {
  await Promise.all(targets.map(async (target, at) => {
    for (const batch of schedule[at] ?? []) {
      for (let events = eventsOf(batch); events.length > 0;) {
        const outcomes = await deliver(target, events)
        assert.deepEqual(outcomes.filter(({ kind }) => kind === 'reject'), [])
        events = events.filter((_, at) => outcomes[at]?.kind === 'retry')
      }
    }
  }))
}

async function loadAll (target: Target, groups: GroupAtTime[]): Promise<void> {
  for (let left = groups; left.length > 0;) {
    const outcomes = await target.load?.(left, { signal: AbortSignal.timeout(20_000) }) ?? []
    assert.deepEqual(outcomes.filter(({ kind }) => kind === 'reject'), [])
    assert.equal(outcomes.length, left.length)
    left = left.filter((_, at) => outcomes[at]?.kind === 'retry')
  }
}

for (const kind of real) {
  const server = servers[kind.type]
  if (server === undefined) continue

  targetContract(t, kind.name, async (t: Test) => {
    const database = await kind.fresh(t)
    let stopping = false
    let hangs: (() => void) | undefined
    const url = await proxy(t, database.url, async text => {
      if (hangs !== undefined && text.includes('INSERT INTO chat_group')) {
        hangs()
        hangs = undefined
        await new Promise(() => {})
      }
      if (stopping && text.includes('INSERT INTO chat_group')) {
        stopping = false
        await server.stop()
      }
      return 'pass'
    })
    return {
      open: ({ log, concurrency }) => unclosed({ kind, url }, { log, concurrency }),
      together: { mysql, postgres }[kind.type].together,
      arrived: async () => new Set(Object.keys(await receiptsIn(database))),
      poisoned: () => anEvent({ body: { GroupId: randomBytes(8_000).toString('hex') } }),
      hang: async () => { await new Promise<void>(resolve => { hangs = resolve }) },
      server: { stopMidway: async () => { stopping = true }, start: server.start }
    }
  })

  t.test(`${kind.name}: a server that stops in mid-batch: all events are retried, and delivered when it is back`, async t => {
    const database = await kind.fresh(t)
    const events = [anEvent(), topic(), anEvent()]
    let stopped: Promise<void> | undefined
    const url = await proxy(t, database.url, async text => {
      if (text.includes('INSERT INTO chat_topic')) await (stopped ??= server.stop())
      return 'pass'
    })
    const target = openTarget(t, { kind, url })
    t.match(await deliver(target, events), events.map(() => ({ kind: 'retry' })))
    t.ok(stopped, 'it was stopped before the batch was written')
    await stopped
    t.match(await deliver(target, events), events.map(() => ({ kind: 'retry', code: /^network_/ })), 'still away')
    await server.start()
    t.equal(await count(database, 'chat_event'), 0)
    t.strictSame(kindsOf(await deliver(target, events)), ['delivered', 'delivered', 'delivered'])
    t.equal(await count(database, 'chat_event'), 3)
  })

  t.test(`${kind.name}: workers that meet on the same rows do not deadlock`, async t => {
    const database = await kind.fresh(t)
    const groups = Array.from({ length: 300 }, (_, at) => `g${at}`)
    const eventsOfAll = (ids: string[], EventTime: number) => ids.map(GroupId => anEvent({ body: { GroupId, EventTime } }))
    const targets = [groups, groups.toReversed()].map(ids => ({ ids, target: openTarget(t, database) }))
    for (let round = 0; round < 4; round++) {
      const outcomes = await Promise.all(targets.map(async ({ ids, target }, at) => await deliver(target, eventsOfAll(ids, 1_000 * round + at))))
      t.strictSame(new Set(kindsOf(outcomes.flat())), new Set(['delivered']))
    }
  })

  t.test(`${kind.name}: the same events at two workers at once are stored once, and both workers hear of it`, async t => {
    const database = await kind.fresh(t)
    const targets = [openTarget(t, database), openTarget(t, database)]
    await deliver(openTarget(t, database), [anEvent()])
    for (let round = 0; round < 5; round++) {
      const events = Array.from({ length: 50 }, () => anEvent())
      const outcomes = await Promise.all(targets.map(async (target, at) => await deliver(target, at === 0 ? events : events.toReversed())))
      t.strictSame(new Set(kindsOf(outcomes.flat())), new Set(['delivered']))
    }
    t.equal(await count(database, 'chat_event'), 251)
  })

  t.test(`${kind.name}: a COMMIT whose answer is lost: retried, and written once`, async t => {
    const database = await kind.fresh(t)
    await deliver(openTarget(t, database), [anEvent()])
    const event = anEvent()
    let losses = 0
    const target = openTarget(t, { kind, url: await proxy(t, database.url, async text => /\bCOMMIT\b/.test(text) && losses++ === 0 ? 'lose-answer' : 'pass') })
    t.match(await deliver(target, [event]), [{ kind: 'retry' }])
    t.equal(await count(database, `chat_event WHERE event_id = '${event.id}'`), 1, 'it had been written')
    t.strictSame(await deliver(target, [event]), [{ kind: 'delivered' }])
    t.equal(await count(database, `chat_event WHERE event_id = '${event.id}'`), 1)
  })

  t.test(`${kind.name}: a delivery whose time is up gives up, and its connection is not lent again`, async t => {
    const database = await kind.fresh(t)
    await deliver(openTarget(t, database), [anEvent()])
    const giveUp = new AbortController()
    const target = openTarget(t, {
      kind,
      url: await proxy(t, database.url, async text => {
        if (text.includes('INSERT INTO chat_group ')) giveUp.abort()
        return 'pass'
      })
    }, { concurrency: 1 })
    await database.query('BEGIN')
    await database.query('SELECT * FROM chat_group FOR UPDATE')
    const [group] = Object.keys((await contentsOf(database)).chat_group)
    const again = () => anEvent({ body: { GroupId: group, Name: randomBytes(4).toString('hex') } })
    t.match(await deliver(target, [again(), again()], giveUp.signal), [{ kind: 'retry', code: 'timeout' }, { kind: 'retry', code: 'timeout' }])
    await database.query('ROLLBACK')
    t.strictSame(kindsOf(await deliver(target, [again()])), ['delivered'], 'the only connection of the pool works')
    t.equal(await count(database, 'chat_event'), 2, 'what was given up was not written after all')
    t.match(await deliver(target, [anEvent()], AbortSignal.abort()), [{ kind: 'retry', code: 'timeout' }])
  })
}

const versionOf = async ({ kind, query }: Database, field: string): Promise<unknown> =>
  JSON.parse(String((await query(`SELECT ${kind.json('versions')} AS versions FROM chat_group`))[0]?.versions))[field]

const dropTables = async ({ query }: Database): Promise<void> => { await query('DROP TABLE IF EXISTS chat_event, chat_group, chat_topic, chat_group_member, chat_message, baton_migration') }
