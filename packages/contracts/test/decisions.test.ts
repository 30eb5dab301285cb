import t from 'tap'
import { checkDecision, examples, isBeforeCommand, knownCommands, ownDecision, type KnownCommand } from '../src/index.ts'

const beforeCommands = knownCommands.filter(isBeforeCommand)
const check = (command: KnownCommand, answer: unknown) => checkDecision(command, examples[command], typeof answer === 'string' ? answer : JSON.stringify(answer))
const envelope = (fields: object = {}) => ({ ActionStatus: 'OK', ErrorInfo: '', ErrorCode: 0, ...fields })

t.test('what Baton answers by itself is an answer to each before-command', async t => {
  t.equal(beforeCommands.length, 13)
  for (const command of beforeCommands) {
    for (const verdict of ['allow', 'deny'] as const) {
      const own = ownDecision(command, examples[command], verdict)
      t.same(check(command, own.text), { decision: own }, `${command}: ${verdict}`)
      t.match(JSON.parse(own.text), { ActionStatus: 'OK', ErrorInfo: '', ErrorCode: Number })
    }
  }
})

t.test('codes: 0 and 1 everywhere, 2 for messages, and those of one\'s own within the range of the command', async t => {
  const ranges: Array<[KnownCommand, boolean, number, number]> = [
    ['Group.CallbackBeforeCreateGroup', false, 10100, 10200],
    ['Group.CallbackBeforeCreateTopic', false, 10100, 10200],
    ['Group.CallbackBeforeApplyJoinGroup', false, 10100, 10200],
    ['Group.CallbackBeforeInviteJoinGroup', false, 10100, 10200],
    ['Group.CallbackBeforeSendMsg', true, 10100, 10200],
    ['C2C.CallbackBeforeSendMsg', true, 120001, 130000],
    ['OfficialAccount.CallbackBeforeCreateOfficialAccount', false, 120001, 130000],
    ['OfficialAccount.CallbackBeforeAddSubscriber', false, 120001, 130000],
    ['OfficialAccount.CallbackBeforeSendMsg', true, 120001, 130000],
    ['Live.CallbackBeforeSendGift', false, 102100, 102200]
  ]
  for (const [command, drops, lowest, highest] of ranges) {
    t.match(check(command, envelope()), { decision: { verdict: 'allow' } })
    for (const code of [1, lowest, highest]) t.match(check(command, envelope({ ErrorCode: code })), { decision: { verdict: 'deny' } }, `${command}: ${code}`)
    t.match(check(command, envelope({ ErrorCode: 2 })), drops ? { decision: { verdict: 'deny' } } : { problem: /^ErrorCode of the answer must be 0, 1 or a code of your own/ }, command)
    for (const code of [lowest - 1, highest + 1, -1, 1.5, '0', null]) t.match(check(command, envelope({ ErrorCode: code })), { problem: /^ErrorCode/ }, `${command}: ${code}`)
  }
})

t.test('an answer stays as it came, and what is left out of its envelope is added', async t => {
  const text = '{ "ErrorCode":0,"ActionStatus":"OK", "ErrorInfo":"", "Novelty": 144115212830834855 }'
  t.same(check('Group.CallbackBeforeSendMsg', text), { decision: { verdict: 'allow', text } })
  t.same(check('Group.CallbackBeforeSendMsg', '\uFEFF{"ErrorCode":10101}'), { problem: 'the answer is no JSON object' })
  t.same(check('Group.CallbackBeforeSendMsg', ' { "ErrorCode":10101,"Id":144115212830834855,"F":1.0}'), { decision: { verdict: 'deny', text: ' {"ActionStatus":"OK","ErrorInfo":"", "ErrorCode":10101,"Id":144115212830834855,"F":1.0}' } })
  t.same(check('Group.CallbackBeforeSendMsg', { ErrorCode: 0, ActionStatus: 'FAIL', ErrorInfo: 'database down' }), { problem: 'ActionStatus of the answer is FAIL, and its ErrorCode 0: they contradict each other' })
  const replaced = envelope({ MsgBody: [{ MsgType: 'TIMTextElem', MsgContent: { Text: '***' } }], CloudCustomData: 'x' })
  t.same(check('C2C.CallbackBeforeSendMsg', replaced), { decision: { verdict: 'allow', text: JSON.stringify(replaced) } })
  t.match(check('Group.CallbackBeforeInviteJoinGroup', envelope({ RefusedMembers_Account: ['jared'] })), { decision: { verdict: 'allow' } })
})

t.test('what is no answer is a problem that names the field, and no value', async t => {
  const problems: Array<[KnownCommand, unknown, RegExp]> = [
    ['Group.CallbackBeforeSendMsg', '<html>', /no JSON object/],
    ['Group.CallbackBeforeSendMsg', '', /no JSON object/],
    ['Group.CallbackBeforeSendMsg', '[]', /no JSON object/],
    ['Group.CallbackBeforeSendMsg', {}, /^ErrorCode of the answer is missing/],
    ['Group.CallbackBeforeSendMsg', envelope({ ActionStatus: 'FINE' }), /^ActionStatus of the answer must be OK or FAIL/],
    ['Group.CallbackBeforeSendMsg', envelope({ MsgBody: 'secret' }), /^MsgBody of the answer must be array/],
    ['Group.CallbackBeforeSendMsg', envelope({ MsgBody: [] }), /^MsgBody of the answer/],
    ['C2C.CallbackBeforeSendMsg', envelope({ MsgBody: [{ MsgType: 'TIMTextElem', MsgContent: 'secret' }] }), /^MsgBody\[0\]\.MsgContent of the answer must be object/],
    ['OfficialAccount.CallbackBeforeSendMsg', envelope({ CloudCustomData: { a: 1 } }), /^CloudCustomData of the answer must be string/],
    ['Group.CallbackBeforeInviteJoinGroup', envelope({ RefusedMembers_Account: 'jared' }), /^RefusedMembers_Account of the answer must be array/],
    ['OfficialAccount.CallbackBeforeAddSubscriber', envelope({ RefusedSubscribers_Account: [7] }), /^RefusedSubscribers_Account\[0\] of the answer must be string/],
    ['Sns.CallbackPrevFriendAdd', envelope(), /^ResultItem of the answer is missing/]
  ]
  for (const [command, answer, problem] of problems) {
    const found = check(command, answer)
    t.match(found, { problem }, String(problem))
    t.notMatch(JSON.stringify(found), /secret|jared|FINE/)
  }
})

t.test('friend requests are decided for each account, and the overall code counts for nothing', async t => {
  const items = (one: number, other: number) => [{ To_Account: 'id1', ResultCode: one, ResultInfo: '' }, { To_Account: 'id2', ResultCode: other }]
  const answer = (ResultItem: unknown, fields: object = {}) => check('Sns.CallbackPrevFriendAdd', envelope({ ResultItem, ...fields }))
  t.match(answer(items(0, 0)), { decision: { verdict: 'allow' } })
  t.match(answer(items(0, 38001), { ErrorCode: 7 }), { decision: { verdict: 'allow' } }, 'one of two goes ahead')
  t.match(answer(items(38000, 39000)), { decision: { verdict: 'deny' } })
  t.match(answer(items(0, 37999)), { problem: /^ResultItem\[1\]\.ResultCode of the answer must be 0 or a code from 38000 to 39000/ })
  t.match(answer([{ To_Account: 'id1', ResultCode: 0 }]), { problem: /leaves out 1 / })
  t.match(JSON.parse(ownDecision('Sns.CallbackPrevFriendResponse', examples['Sns.CallbackPrevFriendResponse'], 'deny').text), { ErrorCode: 0, ResultItem: [{ To_Account: 'id1', ResultCode: 38000 }, { To_Account: 'id2', ResultCode: 38000 }] })
  t.match(JSON.parse(ownDecision('Sns.CallbackPrevFriendAdd', { FriendItem: [{ To_Account: 7 }, null, 'x'] }, 'deny').text), { ResultItem: [{ To_Account: '7', ResultCode: 38000 }] }, 'whatever the body is')
  t.match(ownDecision('Sns.CallbackPrevFriendAdd', {}, 'deny'), { verdict: 'allow' }, 'whoever cannot be named cannot be denied')
})

t.test('what else an answer holds decides nothing', async t => {
  for (const ResultItem of [[null], [], [{ ResultCode: 1 }], 'x', [{ ResultCode: 0 }]]) {
    for (const [ErrorCode, verdict] of [[0, 'allow'], [1, 'deny']] as const) t.match(check('Group.CallbackBeforeSendMsg', envelope({ ErrorCode, ResultItem })), { decision: { verdict } }, JSON.stringify(ResultItem))
  }
  const friends = { ResultItem: [{ To_Account: 'id1', ResultCode: 38000, ResultInfo: '' }, { To_Account: 'id2', ResultCode: 38000, ResultInfo: '' }] }
  t.match(check('Sns.CallbackPrevFriendAdd', { ActionStatus: 'FAIL', ErrorInfo: '', ErrorCode: 0, ...friends }), { decision: { verdict: 'deny' } }, 'nor its overall code and status')
  t.match(checkDecision('Sns.CallbackPrevFriendAdd', { FriendItem: [] }, JSON.stringify(envelope({ ResultItem: [] }))), { decision: { verdict: 'allow' } }, 'nobody is denied')
  t.match(ownDecision('Sns.CallbackPrevFriendAdd', { FriendItem: [{ To_Account: 2 ** 60 }, { To_Account: 7 }, {}, null] }, 'deny').text, /"ResultItem":\[\{"To_Account":"7"/, 'an account whose digits are not known is not named')
})

t.test('of an unknown before-command any code is an answer', async t => {
  t.match(checkDecision('Group.CallbackBeforeNovelty', {}, '{"ErrorCode":4711}'), { decision: { verdict: 'deny' } })
  t.match(checkDecision('Group.CallbackBeforeNovelty', {}, '{"ErrorCode":"no"}'), { problem: /ErrorCode/ })
})
