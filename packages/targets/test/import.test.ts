import { createLogger } from '@baton/runtime'
import { anEvent, mariadbServer, postgresServer } from '@baton/testing'
import t from 'tap'
import { importGroups, type ImportOptions } from '../src/import/import-groups.ts'
import { linesOf } from '../src/import/lines-of.ts'
import type { GroupAtTime, Target } from '../src/target.ts'
import { contentsOf, count, openTarget, realMariadb, realPostgres, type Kind } from './sql/databases.ts'
import { proxy } from './sql/proxy.ts'

// How imports and callbacks meet in any order is a property of sql.test.ts.

const servers = { postgres: await postgresServer(t), mysql: await mariadbServer(t) }
const kinds: Kind[] = [...servers.postgres === undefined ? [] : [realPostgres(servers.postgres.url)], ...servers.mysql === undefined ? [] : [realMariadb(servers.mysql.url)]]

const at = Date.UTC(2026, 0, 1)

/** In chunks of some size, so that lines and characters are cut anywhere. */
async function * inChunks (file: Buffer, size = 7): AsyncGenerator<Buffer> {
  for (let from = 0; from < file.length; from += size) yield file.subarray(from, from + size)
}

const importOf = async (target: Pick<Target, 'load'>, file: string | Buffer, options: Partial<ImportOptions> = {}) =>
  await importGroups({ bytes: inChunks(Buffer.from(file), 65_536), appId: 1400000000, at, now: Date.now(), load: target.load, signal: AbortSignal.timeout(60_000), onLine: () => {}, pauses: [], ...options })

/** What the pages of the REST API show, in one line. */
const documented = {
  GroupId: '@TGS#_c',
  ErrorCode: 0,
  ErrorInfo: '',
  Type: 'Community',
  Name: 'MyFirstGroup',
  Appid: 1400001001,
  Introduction: 'TestGroup',
  Notification: '',
  FaceUrl: 'http://this.is.face.url',
  Owner_Account: 'leckie',
  CreateTime: 1_426_976_500,
  InfoSeq: 1,
  LastInfoTime: 1_426_976_500,
  LastMsgTime: 1_426_976_600,
  NextMsgSeq: 1_234,
  MemberNum: 2,
  MaxMemberNum: 50,
  ApplyJoinOption: 'FreeAccess',
  MuteAllMember: 'On',
  AppDefinedData: [{ Key: 'GroupTestData1', Value: 'xxxx' }],
  MemberList: [
    { Member_Account: 'leckie', Role: 'Owner', JoinTime: 1_425_976_500, MsgSeq: 1_233, MsgFlag: 'AcceptAndNotify', LastSendMsgTime: 1_425_976_500, MuteUntil: 1_431_069_882, AppMemberDefinedData: [{ Key: 'MemberDefined1', Value: 'ModifyDefined1' }] },
    { Member_Account: 'peter', Role: 'Member', NameCard: 'Pete' }
  ],
  GroupAttrAry: [{ key: 'k', value: 'v' }],
  TopicList: [{ TopicId: '@TGS#_c@TOPIC#_1', TopicName: 'news', CreateTime: 1_426_976_501, CustomString: 'x' }]
}

t.test('lines are cut wherever chunks end, blank ones are passed over, and the last needs no end', async t => {
  const read = async (file: string, size: number) => {
    const lines = []
    for await (const { number, bytes } of linesOf(inChunks(Buffer.from(file), size))) lines.push([number, String(bytes)])
    return lines
  }
  for (const size of [1, 2, 3, 5, 100]) {
    t.strictSame(await read('ä\n\n  \r\nb\r\nc', size), [[1, 'ä'], [4, 'b\r'], [5, 'c']])
    t.strictSame(await read('a\n', size), [[1, 'a']])
  }
  t.strictSame(await read('', 1), [])
})

t.test('each line that does not fit is told with its number and its fields, and stops no other', async t => {
  const written: GroupAtTime[] = []
  const target: Pick<Target, 'load'> = { load: async groups => { written.push(...groups); return groups.map(() => ({ kind: 'delivered' })) } }
  const latin = Buffer.concat([Buffer.from('{"GroupId":"'), Buffer.from([0xe4]), Buffer.from('"}\n')])
  const lines = [
    '\uFEFF{"GroupId":"first"}', '{"GroupId":', '[]', '{"Name":"x"}', '{"GroupId":""}', '{"GroupId":"g","Name":7,"MemberList":[{"Member_Account":"a"},{"JoinTime":-1,"Member_Account":"secret"}]}',
    '{"GroupId":"g","TopicList":{}}', '{"GroupId":"g","ErrorCode":10010,"ErrorInfo":"this group does not exist"}', '{"GroupId":"g","At":9e14}', '{"GroupId":"g","CreateTime":"soon"}', `{"GroupId":"last","At":${at - 1}}`
  ]
  let dealtWith = 0
  const imported = await importOf(target, Buffer.concat([Buffer.from(`${lines.join('\n')}\n`), latin]), { onLine: () => { dealtWith++ } })
  t.match(imported, { groups: 2, refused: 10, interrupted: false })
  t.strictSame(imported.problems, [
    'line 2: is no JSON; each group is one object on a line of its own',
    'line 3: is no object; each group is one object on a line of its own',
    'line 4: GroupId is missing: the group',
    'line 5: GroupId is empty: the group',
    'line 6: Name must be text',
    'line 6: MemberList[1].JoinTime must be a whole number from 0 to 999999999999: in s since 1970',
    'line 7: TopicList must be a list',
    'line 8: is no group: the REST API answered ErrorCode 10010 for it; leave the line out',
    'line 9: At lies in the future: it would stand above callbacks that are still to come. It is in ms since 1970',
    'line 10: CreateTime must be a whole number from 0 to 999999999999: in s since 1970',
    'line 12: is not UTF-8; write the file in UTF-8'
  ])
  t.equal(dealtWith, 12)
  t.match(written, [{ at, state: { GroupId: 'first' } }, { at: at - 1, state: { GroupId: 'last' } }])
  t.match((await importOf(target, '{"GroupId":"g"}', { at: undefined })).problems, [/^line 1: has no At, and there is no --at.*when you began to fetch/])
  const many = await importOf(target, 'x\n'.repeat(500))
  t.match(many, { refused: 500, problems: { length: 100 } })
})

t.test('an import that is ended early says so, and a file of any size is in memory a little at a time', async t => {
  const ending = new AbortController()
  const batches: number[] = []
  const target: Pick<Target, 'load'> = { load: async groups => { if (batches.push(groups.length) === 3) ending.abort(); return groups.map(() => ({ kind: 'delivered' })) } }
  async function * endless (): AsyncGenerator<Buffer> {
    for (let line = 0; ; line++) yield Buffer.from(`{"GroupId":"${line}"}\n`)
  }
  t.match(await importOf(target, '', { bytes: endless(), signal: ending.signal }), { groups: 400, interrupted: true })
  t.strictSame(batches, [200, 200, 200])
})

for (const kind of kinds) {
  t.test(`${kind.name}: what the REST API answers becomes rows, twice the same`, async t => {
    const database = await kind.fresh(t)
    const target = openTarget(t, database)
    await target.deliver([anEvent({ command: 'Group.CallbackAfterGroupInfoChanged', body: { GroupId: '@TGS#_c', Type: 'Community', Name: 'older', Notification: 'older', FaceUrl: undefined, EventTime: at - 1_000 } })], { signal: AbortSignal.timeout(20_000), attempt: 1 })
    t.match((await contentsOf(database)).chat_group, { '@TGS#_c': { name: 'older', incomplete: true } })
    for (const round of ['once', 'twice']) {
      t.match(await importOf(target, `${JSON.stringify(documented)}\n`), { groups: 1, members: 2, topics: 1, refused: 0, problems: [] })
      t.strictSame(await contentsOf(database), {
        chat_group: { '@TGS#_c': { type: 'Community', name: 'MyFirstGroup', owner_account: 'leckie', introduction: 'TestGroup', notification: '', face_url: 'http://this.is.face.url', shut_up_all_member: 'On', apply_join_option: 'FreeAccess', custom: { GroupTestData1: 'xxxx' }, attributes: { k: 'v' }, created_at: 1_426_976_500_000, incomplete: false } },
        chat_topic: { '@TGS#_c@TOPIC#_1': { group_id: '@TGS#_c', name: 'news', created_at: 1_426_976_501_000, incomplete: false } },
        chat_group_member: { '@TGS#_c leckie': { role: 'Owner', joined_at: 1_425_976_500_000, custom: { MemberDefined1: 'ModifyDefined1' }, incomplete: false }, '@TGS#_c peter': { role: 'Member', name_card: 'Pete', incomplete: true } },
        chat_message: {}
      }, round)
    }
    t.equal(await count(database, 'chat_event'), 1, 'an import is no event')
  })

  t.test(`${kind.name}: what callbacks have told since stays`, async t => {
    const database = await kind.fresh(t)
    const target = openTarget(t, database)
    const told = [
      anEvent({ command: 'Group.CallbackAfterGroupInfoChanged', body: { GroupId: 'renamed', Name: 'newer', EventTime: at } }),
      anEvent({ command: 'Group.CallbackAfterGroupDestroyed', body: { GroupId: 'destroyed', MemberList: [{ Member_Account: 'bob' }], EventTime: at + 1 } }),
      anEvent({ command: 'Group.CallbackAfterMemberExit', body: { GroupId: 'left', ExitMemberList: [{ Member_Account: 'bob' }], EventTime: at + 1 } }),
      anEvent({ command: 'Group.CallbackAfterMemberExit', body: { GroupId: 'back', ExitMemberList: [{ Member_Account: 'bob' }], EventTime: at - 1 } })
    ]
    await target.deliver(told, { signal: AbortSignal.timeout(20_000), attempt: 1 })
    await importOf(target, ['renamed', 'destroyed', 'left', 'back'].map(GroupId => JSON.stringify({ GroupId, Name: 'imported', CreateTime: 1, MemberList: [{ Member_Account: 'bob', JoinTime: 2 }] })).join('\n'))
    const { chat_group: groups, chat_group_member: members } = await contentsOf(database)
    t.match(groups, { renamed: { name: 'newer', incomplete: false }, destroyed: { destroyed_at: at + 1 }, left: { name: 'imported' } })
    t.match(members, { 'destroyed bob': { left_at: at + 1 }, 'left bob': { left_at: at + 1, joined_at: 2_000 }, 'back bob': { left_at: undefined, exit_type: undefined } })
  })

  t.test(`${kind.name}: a group of many members, and one that the database does not take`, async t => {
    const database = await kind.fresh(t)
    const target = openTarget(t, database)
    const MemberList = Array.from({ length: 2_500 }, (_, nth) => ({ Member_Account: `user ${nth}`, Role: 'Member', JoinTime: 1_600_000_000 }))
    await importOf(target, JSON.stringify({ GroupId: 'x' }))
    await database.query("ALTER TABLE chat_group ADD CONSTRAINT no_mallory CHECK (owner_account <> 'mallory')")
    const imported = await importOf(target, [{ GroupId: 'a' }, { GroupId: 'b', Owner_Account: 'mallory' }, { GroupId: 'c', MemberList }].map(group => JSON.stringify(group)).join('\n'))
    t.match(imported, { groups: 2, members: 2_500, refused: 1, problems: [/^line 2: .*no_mallory.*\(/] })
    t.equal(await count(database, 'chat_group_member'), 2_500)
    t.strictSame(Object.keys((await contentsOf(database)).chat_group).sort(), ['a', 'c', 'x'])
  })

  t.test(`${kind.name}: numbers in custom fields keep every digit, and only the tables that are kept are written`, async t => {
    const database = await kind.fresh(t)
    await importOf(openTarget(t, database, { tables: ['chat_group_member'] }), '{"GroupId":"g","MemberList":[{"Member_Account":"a","AppMemberDefinedData":[{"Key":"n","Value":12345678901234567890}]}]}')
    t.match((await database.query(`SELECT ${kind.json('custom')} AS custom FROM chat_group_member`))[0]?.custom, '12345678901234567890')
    t.equal(await count(database, 'chat_group'), 0)
    t.equal(openTarget(t, database, { tables: 'none' }).load, undefined, 'there is nothing to load into')
    t.equal(openTarget(t, database, { tables: ['chat_message'], messages: true }).load, undefined)
  })

  t.test(`${kind.name}: trouble that passes is waited for, and a database that is away ends the import`, async t => {
    const database = await kind.fresh(t)
    let losses = 0
    const url = await proxy(t, database.url, async text => /\bCOMMIT\b/.test(text) && losses++ === 0 ? 'lose-answer' : 'pass')
    await importOf(openTarget(t, database), '{"GroupId":"first"}')
    t.match(await importOf(openTarget(t, { kind, url }), '{"GroupId":"second"}', { pauses: [1] }), { groups: 1 })
    t.equal(losses, 2, 'the first answer was lost')
    const away = openTarget(t, { kind, url: database.url.replace(/:\d+\//, ':1/') }, { log: createLogger('test', 'silent') })
    await t.rejects(importOf(away, '{"GroupId":"third"}', { pauses: [1, 1] }), { code: 'TARGET_UNUSABLE', message: /cannot be reached.*network_.*0 groups are in; import the same file again/ })
  })
}
