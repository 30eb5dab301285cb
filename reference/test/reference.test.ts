import { execFile } from 'node:child_process'
import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { appendFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { Ajv, type ValidateFunction } from 'ajv'
import t from 'tap'
import { checkBody, knownCommands } from '@baton/contracts'
import { RelayDocument } from '@baton/runtime'
import { readTargets, targetTypes } from '@baton/targets'
import { describedCommands } from '../src/described-commands.ts'
import { generatedFiles } from '../src/generated-files.ts'
import { jsonText } from '../src/json-text.ts'
import { anchorOf, plain, table } from '../src/markdown.ts'
import { staleFiles } from '../src/stale-files.ts'
import { writeFiles } from '../src/write-files.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const files = generatedFiles()
const page = files.get('docs/commands.md') ?? ''

t.test('what is generated is up to date', async t => {
  t.strictSame((await staleFiles(root)).map(({ path, kind }) => `${path} is ${kind}`), [], 'if not: npm run reference, and commit what it writes')
})

t.test('a file that is missing, stale or left over is told, and mended', async t => {
  const place = t.testdir()
  t.strictSame((await staleFiles(place)).map(({ kind }) => kind), Array.from(files, () => 'missing'))
  await writeFiles(place)
  t.strictSame(await staleFiles(place), [])

  await appendFile(join(place, 'docs/commands.md'), '\n')
  await rm(join(place, 'schemas/index.json'))
  await writeFile(join(place, 'schemas/Group.CallbackAfterNovelty.schema.json'), '{}')
  const differences = [
    { path: 'docs/commands.md', kind: 'stale' },
    { path: 'schemas/index.json', kind: 'missing' },
    { path: 'schemas/Group.CallbackAfterNovelty.schema.json', kind: 'left over' }
  ]
  t.strictSame(await staleFiles(place), differences)
  t.strictSame(await writeFiles(place), differences)
  t.strictSame(await writeFiles(place), [])
})

t.test('every type of target has a folder and a page, which the configuration links', t => {
  const types = targetTypes.map(({ type }) => type)
  const folder = join(root, 'packages/targets/src')
  t.same(readdirSync(folder).filter(name => existsSync(join(folder, name, 'about.md'))).sort(), [...types].sort())
  const linked = Array.from(readFileSync(join(root, 'docs/configuration.md'), 'utf8').matchAll(/\(targets\/(\w+)\.md\)/g), ([, type]) => type)
  t.same(linked.sort(), [...types].sort())
  t.end()
})

t.test('the page of a type tells of each of its settings what it is', t => {
  for (const { type, settings } of targetTypes) {
    const rows = files.get(`docs/targets/${type}.md`)?.split('\n## Settings\n')[1]?.split('\n## Outcomes\n')[0]?.match(/^\| `.*$/gm) ?? []
    for (const name of Object.keys(settings.properties)) t.ok(rows.some(row => row.startsWith(`| \`${name}\` |`)), `${type}: ${name}`)
    t.same(rows.filter(row => !/ (\S[^|]*[.:?]) \|$/.test(row)), [], `${type}: each with a sentence`)
  }
  const kafka = files.get('docs/targets/kafka.md') ?? ''
  t.match(kafka, '| `compression` | `none`, `gzip`, `snappy` or `lz4` | `none` |')
  t.match(kafka, '| `sasl.password` | secret text | must be set |')
  t.match(kafka, '| `maxMessageBytes` | integer 1,024 to 104,857,600 | `1048588` |')
  t.match(files.get('docs/targets/postgres.md'), '| `tables` | `none` or list of `chat_group`, `chat_topic`, `chat_group_member` or `chat_message` | |')
  t.end()
})

t.test('the example on the page of a type can be read, and is of that type', async t => {
  for (const { type } of targetTypes) {
    const example = /```yaml\n([^]*?)```/.exec(files.get(`docs/targets/${type}.md`) ?? '')?.[1] ?? ''
    const values: Record<string, string> = { WAREHOUSE_URL: `${type}://baton:secret@db.example.com:1234/chat`, KAFKA_PASSWORD: 'secret', NATS_PASSWORD: 'secret', RABBITMQ_PASSWORD: 'secret', CRM_SECRET: `whsec_${Buffer.alloc(24).toString('base64')}` }
    const document = new RelayDocument('baton.yaml', example, name => values[name])
    t.equal(document.peek(['targets', ...document.keys(['targets']).slice(0, 1), 'type']), type)
    await readTargets(document)
    t.same(document.problems.filter(problem => !/append-to-file\.js/.test(problem)), [], `${type}: ${document.problems.join(', ')}`)
  }
})

/** As strict as validators of other people may be. */
const ajv = new Ajv({ strict: true, allErrors: true })
const validators = new Map<string, ValidateFunction>(describedCommands.map(({ command, schemaFile }) => [command, ajv.compile(JSON.parse(files.get(`schemas/${schemaFile}`) ?? ''))]))
/** The places that a body does not fit in, spelled `MemberList[].Member_Account`. */
const misfits = (command: string, body: unknown): string[] => {
  const validate = validators.get(command)
  validate?.(body)
  return [...new Set(validate?.errors?.map(({ instancePath, params }) => spelled('missingProperty' in params ? `${instancePath}/${params.missingProperty}` : instancePath)))]
}
const spelled = (pointer: string) => pointer.slice(1).replaceAll(/\/\d+/g, '[]').replaceAll('/', '.')
/** The same, by what an ingress checks. */
const unfitFields = (command: string, body: object): string[] => {
  const verdict = checkBody(command, body)
  return verdict.kind === 'drift' ? verdict.drifts.flatMap(({ kind, field }) => kind === 'unfit-field' ? [field.replaceAll(/\[\d+\]/g, '[]')] : []) : verdict.kind === 'unfit' ? [verdict.field.replaceAll(/\[\d+\]/g, '[]')] : []
}

t.test('there is a valid JSON Schema of each command, which our example fits', async t => {
  t.strictSame([...validators.keys()].toSorted(), knownCommands.toSorted())
  for (const { command, schemaFile, example } of describedCommands) {
    const schema = JSON.parse(files.get(`schemas/${schemaFile}`) ?? '')
    t.match(schema, { $id: `urn:baton:callback:${command}`, title: command, description: /^[A-Z].*\.$/, examples: [example] }, command)
    t.strictSame(misfits(command, example), [], command)
  }
})

t.test('every documented example fits its schema, but for what an ingress tells as drift', async t => {
  const documented: Array<{ command: string, example: object | null }> = JSON.parse(readFileSync(join(root, 'packages/contracts/fixtures/commands.json'), 'utf8'))
  let deviating = 0
  for (const { command, example } of documented) {
    if (example === null) continue
    const told = unfitFields(command, example)
    t.strictSame(misfits(command, example).toSorted(), [...new Set(told)].toSorted(), command)
    if (told.length > 0) deviating += 1
  }
  t.equal(deviating, 4)
})

t.test('schema and ingress agree on what does not fit', async t => {
  const differences: string[] = []
  for (const { command, example } of describedCommands) {
    for (const name of Object.keys(example)) {
      const { [name]: _, ...without }: Record<string, unknown> = { ...example }
      for (const body of [without, ...[null, true, -1.5, '', [], [null], {}].map(value => ({ ...example, [name]: value }))]) {
        if ((misfits(command, body).length > 0) !== (unfitFields(command, body).length > 0)) differences.push(`${command}: ${JSON.stringify(body)}`)
      }
    }
  }
  t.strictSame(differences, [])
})

t.test('the list of schemas names all of them, and their keys', async t => {
  const { commands }: { commands: Array<{ file: string }> } = JSON.parse(files.get('schemas/index.json') ?? '')
  t.strictSame(commands.map(({ file }) => `schemas/${file}`).toSorted(), [...files.keys()].filter(path => path.endsWith('.schema.json') && path.startsWith('schemas/')).toSorted())
  t.match(commands[0], { command: 'Group.CallbackBeforeCreateGroup', phase: 'before', family: 'Groups', documentation: /^https:/, orderingKey: ['Operator_Account'], eventTime: { field: 'EventTime', unit: 'ms' } })
})

t.test('the page leads to every command, and nowhere that is not there', async t => {
  const anchors = [...page.matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) => anchorOf(heading))
  t.equal(new Set(anchors).size, anchors.length, 'no two headings have the same anchor')
  for (const command of knownCommands) t.equal(page.split(`\n### \`${command}\`\n`).length, 2, command)
  const links = [...page.matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = '']) => link)
  for (const link of new Set(links)) {
    if (link.startsWith('#')) t.ok(anchors.includes(link), link)
    else if (!link.startsWith('https://')) t.ok(existsSync(join(root, 'docs', link.replace(/#.*/, ''))), link)
  }
  for (const command of knownCommands) t.ok(links.includes(anchorOf(command)), `the overview leads to ${command}`)
})

t.test('tables are whole, and text is shown as it is', async t => {
  const cells = (line: string) => line.replaceAll(/\\./g, '').split('|').length
  for (const rows of page.match(/(?:^\|.*\n)+/gm) ?? []) t.equal(new Set(rows.trimEnd().split('\n').map(cells)).size, 1, rows.slice(0, 200))
  t.match(page, '| `MemberList[].Member_Account` | string | yes | ● |')
  t.equal(plain('<a>|*b*|_c_ [d](e) `f` \\ @TGS#_&amp;'), '\\<a\\>\\|\\*b\\*\\|\\_c\\_ \\[d\\](e) \\`f\\` \\\\ @TGS#\\_\\&amp;')
  t.equal(table(['a', 'b'], [['c', '']]), '|a|b|\n'.replaceAll(/[ab]/g, ' $& ') + '|---|---|\n| c | |')
  t.equal(jsonText({ a: [{ b: 1 }, []], c: 'x'.repeat(120), d: ['x'.repeat(120)] }), `{\n  "a": [{ "b": 1 }, []],\n  "c": "${'x'.repeat(120)}",\n  "d": [\n    "${'x'.repeat(120)}"\n  ]\n}`)
  for (const [, json = ''] of page.matchAll(/```json\n([^]*?)```/g)) t.ok(JSON.parse(json))
})

t.test('the page tells where keys stand and what an event is about', async t => {
  const sectionOf = (command: string) => page.split(`\n### \`${command}\`\n`)[1]?.split('\n### ')[0] ?? ''
  t.match(sectionOf('C2C.CallbackAfterSendMsg'), '**Ordering key**: the pair of `From_Account` and `To_Account`')
  t.match(sectionOf('ContentCallback.ResultNotify'), '**Ordering key**: `ContactItem.ToGroupId`, else the pair of `From_Account` and `ContactItem.To_Account`, else `From_Account`')
  t.match(sectionOf('Push.OfflinePush'), '**Ordering key**: `To_Account` of the first of `Events`\n- **Event time**: `EventTime` of the first of `Events`, in s\n- **About**: groups in `Events[].GroupID`; accounts in `Events[].From_Account`, `Events[].To_Account`')
  t.match(sectionOf('Group.CallbackAfterTopicDestroyed'), '**Event time**: `EventTime`, in ms; the documented example has none\n- **About**: groups in `GroupId`; topics in `TopicIdList`')
  t.match(sectionOf('Alert.RequestOverLimit'), '**Ordering key**: none')
  t.match(sectionOf('Follow.CallbackAfterCloudRecordingChanged'), '**About**: groups in `EventInfo.RoomId`\n')
  t.match(sectionOf('Sns.CallbackPrevFriendAdd'), '- **Before**: ')
  t.match(sectionOf('Sns.CallbackFriendAdd'), '- **After**: ')
})

t.test('the TypeScript on the page compiles', async t => {
  const [, source = ''] = /```ts\n([^]*?)```/.exec(page) ?? []
  const place = t.testdir({
    'example.ts': source,
    'wrong.ts': source.replace('return event.body.Name', 'return event.body.TopicId'),
    'tsconfig.json': JSON.stringify({ extends: join(root, 'tsconfig.base.json'), compilerOptions: { composite: false, noEmit: true }, files: ['example.ts', 'wrong.ts'] })
  })
  const { stdout }: { stdout: string } = await promisify(execFile)(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', place]).catch((failure: { stdout: string }) => failure)
  t.strictSame(stdout.split('\n').filter(line => line.includes('error')).map(line => line.replace(/^.*?(\w+\.ts)\(.*TS(\d+).*/, '$1 $2')), ['wrong.ts 2339'], stdout)
})
