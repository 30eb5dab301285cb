import { createHash } from 'node:crypto'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import t from 'tap'
import { checkBody, checkSignature, commandFilter, entitiesOf, eventIdOf, eventKeysOf, examples, groupIdOf, isBeforeCommand, isUsableCommand, leadOf, readCallbackQuery, refusalEnvelope, refusals, signatureOf, tencentQuery, withoutSign } from '../src/index.ts'

const group = examples['Group.CallbackAfterCreateGroup']
const checkGroup = (fields: object) => checkBody('Group.CallbackAfterCreateGroup', { ...group, ...fields })

t.test('a field that Baton reads decides, and is named', async t => {
  const { GroupId: _, ...withoutGroup } = group
  t.match(checkBody('Group.CallbackAfterCreateGroup', withoutGroup), { kind: 'unfit', field: 'GroupId', problem: 'is missing' })
  t.match(checkGroup({ Name: 5 }), { kind: 'unfit', field: 'Name', problem: 'must be string' })
  t.match(checkGroup({ MemberList: [{ Member_Account: 'bob' }, { Member_Account: 7 }] }), { kind: 'unfit', field: 'MemberList[1].Member_Account' })
  t.match(checkGroup({ EventTime: '12 o\'clock' }), { kind: 'unfit', field: 'EventTime', problem: /at most 15 digits/ })
  t.match(checkGroup({ EventTime: 1e15 }), { kind: 'unfit', field: 'EventTime' })
})

t.test('a misfit in a field that Baton does not read is drift, and so is what is not documented', async t => {
  t.match(checkGroup({ Operator_Account: 12 }), { kind: 'drift', drifts: [{ kind: 'unfit-field', field: 'Operator_Account', problem: 'must be string', example: 'number' }] })
  t.same(checkGroup({ Operator_Account: null, InviteOption: ['secret'], Novelty: { deep: 'secret' } }), {
    kind: 'drift',
    drifts: [
      { kind: 'unfit-field', field: 'Operator_Account', problem: 'must be string', example: 'null' },
      { kind: 'unfit-field', field: 'InviteOption', problem: 'must be string', example: 'list of 1' },
      { kind: 'unknown-field', field: 'Novelty', problem: 'is not documented', example: 'object of 1' }
    ]
  })
  t.match(checkGroup({ MemberList: [{ Member_Account: 'bob', NameCard: 'Bob' }] }), { drifts: [{ kind: 'unknown-field', field: 'MemberList[].NameCard', example: 'text of 3' }] })
  t.same(checkBody('Group.CallbackAfterNovelty', { a: 1 }), { kind: 'drift', drifts: [{ kind: 'unknown-command', field: '', problem: 'is not documented', example: 'object of 1' }] })
  t.match(checkBody('toString', {}), { drifts: [{ kind: 'unknown-command' }] })
  t.match(checkBody('Group.CallbackAfterSendMsg', { ...examples['Group.CallbackAfterSendMsg'], MsgBody: [{ MsgType: 'TIMNovelElem', MsgContent: { Any: 'thing' } }] }), { kind: 'fit' }, 'what is open by its documentation')
})

t.test('what is told of one body is bounded, and a field that decides is found among many that do not', async t => {
  const novelties = Object.fromEntries(Array.from({ length: 500 }, (_, at) => [`novelty${at}`, at]))
  t.match(checkGroup(novelties), { kind: 'drift', drifts: { length: 20 }, more: true })
  const twenty = Object.fromEntries(Object.entries(novelties).slice(0, 20))
  t.match(checkGroup(twenty), { kind: 'drift', drifts: { length: 20 }, more: undefined })
  t.match(checkGroup({ ...novelties, GroupId: 7 }), { kind: 'unfit', field: 'GroupId' })
})

t.test('what is the same in every element of a list is told once, and hides nothing else', async t => {
  const join = 'Group.CallbackAfterNewMemberJoin'
  const drifts = (NewMemberList: unknown) => checkBody(join, { ...examples[join], NewMemberList, Operator_Account: 5, Novelty: 5 })
  t.same(drifts(Array.from({ length: 100 }, () => ({ Member_Account: 'bob', Rank: 'high' }))), {
    kind: 'drift',
    drifts: [
      { kind: 'unfit-field', field: 'Operator_Account', problem: 'must be string', example: 'number' },
      { kind: 'unknown-field', field: 'NewMemberList[].Rank', problem: 'is not documented', example: 'text of 4' },
      { kind: 'unknown-field', field: 'Novelty', problem: 'is not documented', example: 'number' }
    ]
  })
  t.match(drifts(Array.from({ length: 100_000 }, () => 5)), { kind: 'drift', drifts: { length: 3 } })
})

t.test('the name of an unknown field is told in bounds, and does nothing to a terminal', async t => {
  const told = (name: string) => {
    const verdict = checkGroup({ [name]: 'x' })
    return verdict.kind === 'drift' ? verdict.drifts.map(({ field }) => field) : []
  }
  t.same(told('a/b~c.d[0]'), ['a/b~c.d[0]'])
  t.same(told('Gr\u00f6\u00dfe \u{1F600} \u7fa4'), ['Gr\u00f6\u00dfe \u{1F600} \u7fa4'], 'text of any language is told as it is')
  t.same(told('\u001b[31m\u009b\u202e\u2028\ud800\u0000\n\u{E0041}'), ['\\u001b[31m\\u009b\\u202e\\u2028\\ud800\\u0000\\u000a\\udb40\\udc41'])
  t.same(told('n'.repeat(200)), ['n'.repeat(200)])
  t.same(told('n'.repeat(1_000_000)), [`${'n'.repeat(200)}\u2026`])
  t.same(told('\u{1F600}'.repeat(500)), [`${'\u{1F600}'.repeat(100)}\u2026`])
})

t.test('of long names no more is held on to than is told', async t => {
  setFlagsFromString('--expose-gc')
  const collect: () => void = runInNewContext('gc')
  const held = () => {
    collect()
    return process.memoryUsage().heapUsed
  }
  const before = held()
  const verdicts = Array.from({ length: 100 }, (_, at) => checkBody('Group.CallbackAfterCreateGroup', JSON.parse(JSON.stringify({ ...group, [`${at}${'n'.repeat(1_000_000)}`]: 1 }))))
  t.ok(held() - before < 10_000_000)
  t.equal(verdicts.length, 100)
})

t.test('real callbacks fit: EventTime as a number, no members, values that are no text', async t => {
  const { MemberList: _, ...withoutMembers } = group
  t.same(checkBody('Group.CallbackAfterCreateGroup', withoutMembers), { kind: 'fit' })
  t.same(checkGroup({ EventTime: 1670574414123, UserDefinedDataList: [{ Key: 'a', Value: { b: 1 } }] }), { kind: 'fit' })
})

t.test('the same callback has the same id, and another one another', async t => {
  const identity = { appId: 1, command: 'A.B', body: Buffer.from('{}'), hasEventTime: true, requestId: undefined }
  const id = eventIdOf(identity)
  t.match(id, /^evt_[0-9a-v]{52}$/)
  t.equal(eventIdOf({ ...identity, requestId: 'another' }), id, 'with EventTime the RequestID does not count')
  t.not(eventIdOf({ ...identity, appId: 2 }), id)
  t.not(eventIdOf({ ...identity, command: 'A.C' }), id)
  t.not(eventIdOf({ ...identity, body: Buffer.from('{ }') }), id)
})

t.test('without EventTime the RequestID tells occurrences apart; without both every callback is one of its own', async t => {
  const identity = { appId: 1, command: 'A.B', body: Buffer.from('{}'), hasEventTime: false }
  t.equal(eventIdOf({ ...identity, requestId: 'r1' }), eventIdOf({ ...identity, requestId: 'r1' }))
  t.not(eventIdOf({ ...identity, requestId: 'r1' }), eventIdOf({ ...identity, requestId: 'r2' }))
  t.not(eventIdOf({ ...identity, requestId: undefined }), eventIdOf({ ...identity, requestId: undefined }))
})

t.test('keys are read out of any body', async t => {
  const keys = (body: object, command = 'Group.CallbackAfterNovelty') => eventKeysOf(command, body)
  t.same(keys(group), { eventTime: 1670574414123, orderingKey: '@TGS#2J4SZEAEL' })
  t.same(keys({ TopicId: '@TGS#_a@TOPIC#_b', EventTime: 5 }), { eventTime: 5, orderingKey: '@TGS#_a' }, 'the community of the topic')
  t.same(keys({ From_Account: 'bob', EventTime: 'later', GroupId: 7 }), { eventTime: null, orderingKey: 'bob' })
  t.same(keys({ EventTime: -1 }), { eventTime: null, orderingKey: '' })
  for (const EventTime of [0, '0', '000']) t.same(keys({ EventTime }), { eventTime: null, orderingKey: '' }, '0 is no time')
  t.same(keys(Object.create({ GroupId: 'inherited' })), { eventTime: null, orderingKey: '' })
})

t.test('each command has its own keys', async t => {
  const keys = (command: string, fields: object = {}) => eventKeysOf(command, { ...Reflect.get(examples, command), ...fields })
  t.equal(keys('C2C.CallbackAfterSendMsg', { From_Account: 'zoe', To_Account: 'adam' }).orderingKey, 'adam\nzoe')
  t.equal(keys('C2C.CallbackAfterSendMsg', { From_Account: 'adam', To_Account: 'zoe' }).orderingKey, 'adam\nzoe', 'a pair is the same in both directions')
  t.equal(keys('C2C.CallbackAfterMsgReport', { Report_Account: 'zoe', Peer_Account: 'adam' }).orderingKey, 'adam\nzoe')
  t.equal(keys('Sns.CallbackFriendAdd').orderingKey, 'id')
  t.equal(keys('State.StateChange').orderingKey, 'testuser316')
  t.equal(keys('Call.CallbackAfterStartCall').orderingKey, examples['Call.CallbackAfterStartCall'].CallInfo?.CallId)
  t.equal(keys('Group.CallbackOnDailyGroupQuotaAlarm').orderingKey, '')
  t.same(keys('Push.AllMemberPush'), { orderingKey: 'user2', eventTime: 1557481128000 }, 'in seconds, in the elements')
  t.same(keys('Push.AllMemberPush', { Events: [] }), { orderingKey: '', eventTime: null })
  t.match(keys('ContentCallback.ResultNotify', { From_Account: 'a', ContactItem: { ContactType: 2, ToGroupId: 'g' } }), { orderingKey: 'g', eventTime: null })
  t.match(keys('ContentCallback.ResultNotify', { From_Account: 'a', ContactItem: { ContactType: 1, To_Account: 'b' } }), { orderingKey: 'a\nb' })
  t.equal(keys('Profile.CallbackPortraitSet', { From_Account: undefined, Operator_Account: 'admin' }).orderingKey, 'admin', 'where its own is missing, the usual one')
})

t.test('the group of a body is named, or the one that its topic belongs to', async t => {
  t.equal(groupIdOf(group), '@TGS#2J4SZEAEL')
  t.equal(groupIdOf({ TopicId: '@TGS#_a@TOPIC#_b' }), '@TGS#_a')
  t.equal(groupIdOf({ GroupId: 7 }), undefined)
})

t.test('entities are found by the names of their fields, at any depth', async t => {
  const of = (body: object) => entitiesOf(JSON.stringify(body))
  t.same(of(group), { groups: ['@TGS#2J4SZEAEL'], topics: [], accounts: ['group_root', 'leckie', 'bob', 'peter'] })
  t.same(of(examples['Group.CallbackAfterTopicDestroyed']), {
    groups: ['@TGS#_@TGS#cQVLVHIM62CJ'],
    topics: ['@TGS#_@TGS#cQVLVHIM62CJ@TOPIC#_TestTopic', '@TGS#_@TGS#cQVLVHIM62CJ@TOPIC#_TestTopic_1'],
    accounts: []
  })
  t.same(of(examples['Push.OfflinePush']).accounts.length > 0, true, 'in the elements of a batch')
  t.same(of(examples['Live.CallbackAfterModifyAdmin']).groups, [examples['Live.CallbackAfterModifyAdmin'].RoomId], 'a room is a group')
  t.same(of({ Novelty: [{ Novel_Account: ['a', 'b', ''], ChatGroupId: 'g', ToGroupId: 'h', GroupID: 'i' }], groupid: 'no', Account: 'no' }), { groups: ['g', 'h', 'i'], topics: [], accounts: ['a', 'b'] })
  t.same(entitiesOf('{"UserList":[{"User_Account":144115212830834855},{"User_Account": 7}],"Text":"\\"X_Account\\":144115212830834855,"}').accounts, ['144115212830834855', '7'], 'numbers that JavaScript cannot hold')
  t.same(entitiesOf('['.repeat(100_000)).accounts, [])
  t.same(entitiesOf(`${'[{"a":'.repeat(50_000)}{"X_Account":"deep"}${'}]'.repeat(50_000)}`).accounts, ['deep'])
})

t.test("Tencent's signature: its own vector, rotation, freshness", async t => {
  const RequestTime = '1669872112'
  const Sign = '17773bc39a671d7b9aa835458704d2a6db81360a5940292b587d6d760d484061'
  const now = 1669872112_000
  t.equal(signatureOf('xxxxyyyy', RequestTime), Sign)
  t.equal(checkSignature(['xxxxyyyy'], { Sign, RequestTime }, now), 'valid')
  t.equal(checkSignature(['other', 'xxxxyyyy'], { Sign, RequestTime }, now + 299_000), 'valid')
  t.equal(checkSignature(['xxxxyyyy'], { Sign, RequestTime }, now + 301_000), 'sign-stale')
  t.equal(checkSignature(['xxxxyyyy'], { Sign, RequestTime }, now - 301_000), 'sign-stale')
  t.equal(checkSignature(['other'], { Sign, RequestTime }, now), 'sign-wrong')
  t.equal(checkSignature(['xxxxyyyy'], { Sign: 'short', RequestTime }, now), 'sign-wrong')
  t.equal(checkSignature(['xxxxyyyy'], { Sign: undefined, RequestTime }, now), 'sign-missing')
  for (const RequestTime of ['NaN', '-1', '1e9', ' 1669872112', '1'.repeat(16)]) t.equal(checkSignature(['x'], { Sign: signatureOf('x', RequestTime), RequestTime }, now), 'sign-wrong', RequestTime)
  t.equal(checkSignature(['x'], { Sign: signatureOf('x', '1669872112000'), RequestTime: '1669872112000' }, now), 'sign-stale', 'ms are no seconds')
  for (const skew of [60_000, -60_000]) {
    t.equal(checkSignature(['xxxxyyyy'], { Sign, RequestTime }, now + skew, 60_000), 'valid')
    t.equal(checkSignature(['xxxxyyyy'], { Sign, RequestTime }, now + skew * 1.001, 60_000), 'sign-stale')
  }
  t.equal(leadOf(RequestTime, now + 5_000), -5_000)
})

t.test('the query is read as Tencent sends it, and passed on without Sign', async t => {
  const query = 'Sign=abc&SdkAppid=14&CallbackCommand=Group.A&%53ign=x&ClientIP=%3A%3A1&SdkAppid=15&RequestId=r'
  t.match(readCallbackQuery(query), { sdkAppId: '14', command: 'Group.A', requestId: 'r', Sign: 'abc', repeated: ['SdkAppid', 'Sign'] })
  t.equal(withoutSign(query), 'SdkAppid=14&CallbackCommand=Group.A&ClientIP=%3A%3A1&SdkAppid=15&RequestId=r')
  t.match(readCallbackQuery(''), { sdkAppId: undefined, command: undefined, repeated: [] })
})

t.test('the query is read as URLSearchParams reads it, whatever is in it', async t => {
  /** What it must find. */
  const found = (query: string) => {
    const parameters = new URLSearchParams(query)
    const one = (...spellings: string[]) => spellings.flatMap(name => parameters.getAll(name))
    const values = { SdkAppid: one('SdkAppid', 'SdkAppId'), CallbackCommand: one('CallbackCommand'), Sign: one('Sign'), RequestTime: one('RequestTime'), RequestID: one('RequestID', 'RequestId') }
    return {
      sdkAppId: values.SdkAppid[0],
      command: values.CallbackCommand[0],
      Sign: values.Sign[0],
      RequestTime: values.RequestTime[0],
      requestId: values.RequestID[0],
      repeated: Object.entries(values).filter(([, given]) => new Set(given).size > 1).map(([name]) => name)
    }
  }
  const unsigned = (query: string) => query.split('&').filter(pair => [...new URLSearchParams(pair).keys()][0] !== 'Sign').join('&')
  const pieces = ['SdkAppid', 'SdkAppId', 'CallbackCommand', 'Sign', 'RequestTime', 'RequestID', 'RequestId', '=', '=', '=', '&', '&', '&', '?', '+', '%', '%53ign', '%3D', '%26', '%E9%8D%B5', '%FF', '%zz', 'sign', '1', '14', '\u00E9', ' ', '\0', '#', '[]', '__proto__', 'toString']
  let state = 1
  const upTo = (most: number) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return Math.floor(state / 2 ** 32 * most)
  }
  for (let nth = 0; nth < 30_000; nth++) {
    const query = Array.from({ length: upTo(14) }, () => pieces[upTo(pieces.length)]).join('')
    const [read, wanted] = [readCallbackQuery(query), found(query)]
    if (JSON.stringify(read) !== JSON.stringify(wanted)) t.same(read, wanted, JSON.stringify(query))
    if (withoutSign(query) !== unsigned(query)) t.equal(withoutSign(query), unsigned(query), JSON.stringify(query))
  }
})

t.test('the id of an event is the hash of its app, command and body, of any length', async t => {
  for (const length of [0, 600, 65_000, 65_536, 1_048_576]) {
    const body = Buffer.alloc(length, 'x')
    const hash = createHash('sha256').update(JSON.stringify([14, 'A.B', ''])).update(body).digest('hex')
    t.equal(eventIdOf({ appId: 14, command: 'A.B', body, hasEventTime: true, requestId: undefined }), `evt_${BigInt(`0x${hash}`).toString(32).padStart(52, '0')}`, `${length} bytes`)
  }
  const body = Buffer.from('{}')
  const requestId = '\u9375'.repeat(30_000)
  const hash = createHash('sha256').update(JSON.stringify([14, 'A.B', requestId])).update(body).digest('hex')
  t.equal(eventIdOf({ appId: 14, command: 'A.B', body, hasEventTime: false, requestId }), `evt_${BigInt(`0x${hash}`).toString(32).padStart(52, '0')}`)
})

t.test('commands are matched by name and by glob', async t => {
  const wants = commandFilter(['Group.CallbackAfterCreateTopic', 'C2C.*'])
  t.equal(wants('Group.CallbackAfterCreateTopic'), true)
  t.equal(wants('Group.CallbackAfterCreateTopics'), false)
  t.equal(wants('GroupXCallbackAfterCreateTopic'), false)
  t.equal(wants('C2C.CallbackBeforeSendMsg'), true)
  t.equal(wants('XC2C.A'), false)
})

t.test('a target without patterns gets after-commands only; * gets everything', async t => {
  t.equal(commandFilter()('Group.CallbackAfterCreateGroup'), true)
  t.equal(commandFilter()('Group.CallbackBeforeCreateGroup'), false)
  t.equal(commandFilter(['*'])('Sns.CallbackPrevFriendAdd'), true)
  t.equal(isBeforeCommand('Sns.CallbackPrevFriendAdd'), true)
  t.equal(isBeforeCommand('State.StateChange'), false)
})

t.test('a command that could break a header or a key is none', async t => {
  for (const command of ['', 'a b', 'a\r\nb', '1a', 'é', 'a'.repeat(129), 'a:b']) t.equal(isUsableCommand(command), false, JSON.stringify(command))
  t.equal(isUsableCommand('Live.CallbackAfterCreateRoomReachingThreshold'), true)
})

t.test('a refusal is an envelope that says FAIL, and codes are unique', async t => {
  t.same(refusalEnvelope({ kind: 'unfit-field', info: 'x' }), { ActionStatus: 'FAIL', ErrorInfo: 'x', ErrorCode: 40004 })
  const codes = Object.values(refusals).map(({ code }) => code)
  t.equal(new Set(codes).size, codes.length)
  for (const { status, code } of Object.values(refusals)) t.equal(Math.floor(code / 100), status)
})

t.test('a callback can be sent on as Tencent would send it now', async t => {
  const query = 'SdkAppid=1400000000&CallbackCommand=Group.CallbackAfterCreateTopic&contenttype=json&ClientIP=1.2.3.4&a=%23+b&RequestTime=1600000000&%53ign=old'
  const own = 'SdkAppid=1400000000&CallbackCommand=Group.CallbackAfterCreateTopic&contenttype=json&ClientIP=1.2.3.4&a=%23+b'
  t.equal(tencentQuery(query, undefined, 0), own)
  t.equal(tencentQuery(query, 'xxxxyyyy', 1669872112_999), `${own}&Sign=17773bc39a671d7b9aa835458704d2a6db81360a5940292b587d6d760d484061&RequestTime=1669872112`)
  t.equal(checkSignature(['secret'], readCallbackQuery(tencentQuery(query, 'secret', 5_000_000)), 5_000_000), 'valid')
  t.equal(tencentQuery('', 'xxxxyyyy', 1669872112_000), 'Sign=17773bc39a671d7b9aa835458704d2a6db81360a5940292b587d6d760d484061&RequestTime=1669872112')
})
