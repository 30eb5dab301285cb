import { spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { postgresServer } from '@baton/testing'
import { Client } from 'pg'
import t, { type Test } from 'tap'

const bin = fileURLToPath(new URL('../bin/baton.js', import.meta.url))
const server = await postgresServer(t)

/** Runs the command in a folder with these files, and a relay file of these targets. */
function place (t: Test, files: Record<string, string | Buffer>, targets: string, apps = '[{ sdkAppId: 1400000000 }]') {
  const folder = t.testdir({})
  for (const [name, text] of Object.entries({ 'baton.yaml': `apps: ${apps}\ntargets:\n${targets}`, ...files })) writeFileSync(join(folder, name), text)
  return async (...given: string[]) => {
    const child = spawn(process.execPath, ['--enable-source-maps', bin, 'import', ...given], { cwd: folder, env: { PATH: process.env['PATH'], BATON_CONFIG: 'baton.yaml' }, stdio: ['ignore', 'pipe', 'pipe'] })
    let [stdout, stderr] = ['', '']
    child.stdout.setEncoding('utf8').on('data', (text: string) => { stdout += text })
    child.stderr.setEncoding('utf8').on('data', (text: string) => { stderr += text })
    const code = await new Promise<number | null>(resolve => child.on('close', resolve))
    return { code, stdout, stderr }
  }
}

t.test('what cannot be imported, and where to, is told with what to do', async t => {
  const database = server?.url ?? 'postgres://u:p@127.0.0.1:1/chat'
  const run = place(t, { 'groups.jsonl': '{"GroupId":"g"}\n' }, [
    `  warehouse: { type: postgres, url: "${database}" }`,
    `  none: { type: postgres, url: "${database}", tables: none }`,
    `  masked: { type: postgres, url: "${database}", maskKey: 0123456789abcdef, mask: [{ field: /Name, action: drop }] }`,
    '  hook: { type: webhook, url: http://127.0.0.1:1 }',
    '  away: { type: mysql, url: mysql://u:p@127.0.0.1:1/chat }',
    ''
  ].join('\n'))
  t.match(await run('groups.jsonl', '--at', '1h'), { code: 1, stderr: /--target/ })
  t.match(await run('nothing.jsonl', '--target', 'warehouse', '--at', '1h'), { code: 1, stderr: /The file nothing\.jsonl cannot be read: there is no such file \(ENOENT\)\..*BAD_ARGUMENT/ })
  t.match(await run('.', '--target', 'warehouse', '--at', '1h'), { code: 1, stderr: /it is a folder/ })
  t.match(await run('groups.jsonl', '--target', 'nowhere', '--at', '1h'), { code: 1, stderr: /names no target nowhere; it names warehouse, none, masked, hook, away.*NOT_FOUND/ })
  for (const name of ['none', 'masked', 'hook']) t.match(await run('groups.jsonl', '--target', name, '--at', '1h'), { code: 1, stderr: new RegExp(`${name} takes no import: it is of type .*tables.*mask.*BAD_ARGUMENT`) })
  t.match(await run('groups.jsonl', '--target', 'warehouse', '--at', 'yesterday'), { code: 1, stderr: /--at.*15m, 2h or 1d/ })
  t.match(await run('groups.jsonl', '--target', 'warehouse', '--at', '1h', '--app', '7'), { code: 1, stderr: /has no app 7.*They are 1400000000/ })
  t.match(await run('groups.jsonl', '--target', 'away', '--at', '1h', '--dry-run'), { code: 0, stdout: '1 groups with 0 members and 0 topics fit; nothing was written\n' }, 'a look at the file needs no database')
  const several = place(t, { 'groups.jsonl': '{"GroupId":"g"}\n' }, `  warehouse: { type: postgres, url: "${database}" }\n`, '[{ sdkAppId: 1 }, { sdkAppId: 2 }]')
  t.match(await several('groups.jsonl', '--target', 'warehouse', '--at', '1h'), { code: 1, stderr: /several apps: name the one of these groups with --app.*They are 1, 2/ })
})

if (server !== undefined) {
  t.test('a file is imported, its unfit lines are told, and the same again changes nothing', async t => {
    const file = [
      '{"GroupId":"@TGS#1","Type":"Public","Name":"Rebels","Owner_Account":"leia","CreateTime":1426976500,"MemberList":[{"Member_Account":"leia","Role":"Owner","JoinTime":1426976500}]}',
      '{"GroupId":"@TGS#2","Name":"Empire"}',
      '{"Name":"nobody"}'
    ].join('\n')
    const run = place(t, { 'groups.jsonl': file }, `  warehouse: { type: postgres, url: "${server.url}" }\n`, '[{ sdkAppId: 1 }, { sdkAppId: 1400000000 }]')
    const told = '2 groups with 1 members and 0 topics are in warehouse\n1 lines were passed over; mend them, and import the file again: what is in changes nothing\n  line 3: GroupId is missing: the group\n'
    t.match(await run('groups.jsonl', '--target', 'warehouse', '--at', '2026-11-20T08:00:00Z', '--app', '1400000000'), { code: 1, stdout: told, stderr: '' })
    const client = new Client({ connectionString: server.url })
    await client.connect()
    t.teardown(async () => { await client.end() })
    const rows = async () => (await client.query('SELECT * FROM chat_group ORDER BY group_id')).rows
    const once = await rows()
    t.match(once, [{ sdk_app_id: '1400000000', group_id: '@TGS#1', name: 'Rebels', owner_account: 'leia', created_at: new Date(1_426_976_500_000), incomplete: false }, { group_id: '@TGS#2', incomplete: true }])
    const again = await run('groups.jsonl', '--target', 'warehouse', '--at', '2026-11-20T08:00:00Z', '--app', '1400000000', '--json')
    t.strictSame(JSON.parse(again.stdout), { target: 'warehouse', dryRun: false, groups: 2, members: 1, topics: 0, refused: 1, problems: ['line 3: GroupId is missing: the group'], interrupted: false })
    t.strictSame(await rows(), once)
  })
}
