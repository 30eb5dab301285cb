import { createHash } from 'node:crypto'
import t from 'tap'
import { catalogue, checkBody, checkSignature, commandFilter, eventIdOf, eventKeysOf, isBeforeCommand, isUsableCommand, readCallbackQuery, refusalEnvelope, refusals, signatureOf, withoutSign, type KnownCommand } from '../src/index.ts'

const group = catalogue['Group.CallbackAfterCreateGroup'].example
const checkGroup = (fields: object) => checkBody('Group.CallbackAfterCreateGroup', { ...group, ...fields })

t.test('every example fits its own schema', async t => {
  for (const command of Object.keys(catalogue) as KnownCommand[]) t.same(checkBody(command, catalogue[command].example), { kind: 'fit' }, command)
})

t.test('a field that Baton reads decides, and is named', async t => {
  const { GroupId: _, ...withoutGroup } = group
  t.match(checkBody('Group.CallbackAfterCreateGroup', withoutGroup), { kind: 'unfit', field: 'GroupId', problem: 'is missing' })
  t.match(checkGroup({ Name: 5 }), { kind: 'unfit', field: 'Name', problem: 'must be string' })
  t.match(checkGroup({ MemberList: [{ Member_Account: 'bob' }, { Member_Account: 7 }] }), { kind: 'unfit', field: 'MemberList[1].Member_Account' })
  t.match(checkGroup({ EventTime: '12 o\'clock' }), { kind: 'unfit', field: 'EventTime', problem: /at most 15 digits/ })
  t.match(checkGroup({ EventTime: 1e15 }), { kind: 'unfit', field: 'EventTime' })
})

t.test('a misfit in a field that Baton does not read is drift', async t => {
  t.match(checkGroup({ Operator_Account: 12 }), { kind: 'drift', field: 'Operator_Account' })
  t.match(checkGroup({ Operator_Account: 12, InviteOption: false }), { kind: 'drift', field: 'Operator_Account' })
})

t.test('real callbacks fit: unknown fields, EventTime as a number, no members, values that are no text', async t => {
  const { MemberList: _, ...withoutMembers } = group
  t.same(checkBody('Group.CallbackAfterCreateGroup', withoutMembers), { kind: 'fit' })
  t.same(checkGroup({ EventTime: 1670574414123, Novelty: { deep: [1] }, UserDefinedDataList: [{ Key: 'a', Value: { b: 1 } }] }), { kind: 'fit' })
  t.same(checkBody('Group.CallbackAfterNovelty', {}), { kind: 'unknown-command' })
  t.same(checkBody('toString', {}), { kind: 'unknown-command' })
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
  t.same(eventKeysOf(group), { groupId: '@TGS#2J4SZEAEL', eventTime: 1670574414123, orderingKey: '@TGS#2J4SZEAEL' })
  t.match(eventKeysOf({ TopicId: '@TGS#_a@TOPIC#_b', EventTime: 5 }), { groupId: '@TGS#_a', eventTime: 5 })
  t.match(eventKeysOf({ From_Account: 'bob', EventTime: 'later', GroupId: 7 }), { groupId: undefined, eventTime: null, orderingKey: 'bob' })
  t.match(eventKeysOf({ EventTime: -1 }), { eventTime: null, orderingKey: '' })
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
  t.equal(checkSignature(['x'], { Sign: signatureOf('x', 'NaN'), RequestTime: 'NaN' }, now), 'sign-stale')
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
