import { readFileSync, readdirSync } from 'node:fs'
import t from 'tap'
import { refusals } from '@baton/contracts'
import { isQuarantinedKind, quarantineOf } from '@baton/queue'
import { RelayDocument, Settings, errorCodes, readApps } from '@baton/runtime'
import { readTargets, relaySchema } from '@baton/targets'
import { buildProgram } from '../src/program.ts'

const root = new URL('../../../', import.meta.url)
const read = (path: string) => readFileSync(new URL(path, root), 'utf8')

/** The first cells of all table rows that are code. */
const firstCells = (text: string) => [...text.matchAll(/^\| `([A-Za-z_.-]+)`/gm)].map(([, cell]) => cell)

t.test('every error code is explained, and every explained code exists', async t => {
  const explained = firstCells(read('docs/errors.md').split('## Why a process does not start')[1] ?? '')
  t.same(explained.toSorted(), [...errorCodes].toSorted())
})

t.test('every refusal stands in the table with its status and what is kept, in the order of the checks', async t => {
  const rows = [...read('docs/errors.md').matchAll(/^\|.*\| (\d{3})(?:, with `Retry-After`)? \| (\d{5}) \| (no|`[a-z-]+`) \|$/gm)]
  t.same(
    rows.map(([, status, code, kept]) => ({ status: Number(status), code: Number(code), kept: kept?.replaceAll('`', '') })),
    Object.entries(refusals).map(([kind, refusal]) => ({ ...refusal, kept: isQuarantinedKind(kind) ? quarantineOf[kind] : 'no' })))
})

t.test('every setting is documented with its default, here and in .env.example', async t => {
  const documentation = read('docs/configuration.md')
  const variables = Object.entries<{ default?: unknown }>(Settings.properties)
  const table = documentation.slice(documentation.indexOf('## Environment'), documentation.indexOf('## The relay file'))
  t.same(firstCells(table), variables.map(([name]) => name))
  t.same([...read('.env.example').matchAll(/^#([A-Z_]+)=/gm)].map(([, name]) => name), variables.map(([name]) => name))
  for (const [name, { default: value }] of variables) {
    if (value !== undefined) t.match(table, `| \`${name}\` | \`${String(value)}\` |`)
  }
})

// That the table tells of every metric, and of no other, is tested where the metrics are: in apps/ingress and apps/worker.
t.test('no document and no alert rule names a metric that is not in the table', async t => {
  const known = new Set(firstCells(read('docs/metrics.md')))
  for (const path of ['README.md', 'CHANGELOG.md', ...readdirSync(new URL('docs/', root)).filter(name => name.endsWith('.md')).map(name => `docs/${name}`)]) {
    for (const [, name = ''] of read(path).matchAll(/\b(baton_[a-z_]+?)(?:_(?:bucket|sum|count))?\b/g)) t.ok(known.has(name), `${path}: ${name}`)
  }
})

t.test('every setting of targets is documented', async t => {
  const pages = readdirSync(new URL('docs/targets/', root)).map(name => `docs/targets/${name}`)
  const documentation = ['docs/configuration.md', ...pages].map(read).join('\n')
  for (const path of settingsIn(relaySchema().properties.targets)) t.match(documentation, `\`${path}\``)
})

t.test('the relay files in the documents and in deploy fit', async t => {
  const fenced = [...read('docs/configuration.md').matchAll(/```yaml\n([^]*?)```/g)].map(([, text = '']) => text)
  t.equal(fenced.length, 1)
  const values: Record<string, string> = {
    TENCENT_CALLBACK_TOKEN: 'x', TENCENT_SDK_APP_ID: '1400000000', WAREHOUSE_URL: 'postgres://a@b/c', CRM_SECRET: `whsec_${Buffer.alloc(24).toString('base64')}`
  }
  for (const text of [...fenced, read('deploy/baton.yaml'), ...yamlIn(read('README.md'))]) {
    const document = new RelayDocument('document', text, name => values[name])
    readApps(document)
    await readTargets(document)
    t.same(document.problems, [])
  }
})

// What SQL targets share, and what brokers do, are folders of their own, too.
t.test('every target is a folder of its own, and every folder a target', async t => {
  const folders = readdirSync(new URL('packages/targets/src/', root), { withFileTypes: true }).filter(entry => entry.isDirectory() && !['sql', 'broker', 'import'].includes(entry.name)).map(({ name }) => name)
  const types = relaySchema().properties.targets.patternProperties['^[a-z][a-z0-9-]{0,47}$']
  t.same(folders.toSorted(), types?.anyOf.map(({ properties }: { properties: { type: { const: string } } }) => properties.type.const).toSorted())
})

t.test('the README names the two commands, and no verb that is not there', async t => {
  const readme = read('README.md')
  t.match(readme, 'npm ci && npm start')
  t.match(readme, 'npm ci && npm test')
  const verbs = buildProgram().commands.map(command => command.name())
  for (const [, verb = ''] of readme.matchAll(/(?:npx |`)baton ([a-z]+)/g)) t.ok(verbs.includes(verb), verb)
})

const yamlIn = (text: string) => [...text.matchAll(/```yaml\n([^]*?)```/g)].map(([, yaml = '']) => yaml).filter(yaml => yaml.includes('targets:'))

/** The names of all settings in a schema; those of `retry`, `ordering`, `rateLimit` and `breaker` are spelled with it. */
function settingsIn (schema: unknown): Set<string> {
  const found = new Set<string>()
  const visit = (node: unknown, under: string) => {
    if (typeof node !== 'object' || node === null) return
    for (const [key, value] of Object.entries(node)) {
      if (key === 'properties' && typeof value === 'object' && value !== null) {
        for (const [name, property] of Object.entries(value)) {
          if (['retry', 'ordering', 'rateLimit', 'breaker'].includes(name)) visit(property, `${name}.`)
          else found.add(under + name)
        }
      } else visit(value, under)
    }
  }
  visit(schema, '')
  return found
}
