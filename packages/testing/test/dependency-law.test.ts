import { execFile } from 'node:child_process'
import { cp, mkdir, readFile, readdir, symlink, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { ESLint } from 'eslint'
import t, { type Test } from 'tap'

// Who may import whom is law: turbo.json and eslint.config.js enforce it, and here each rule is seen to fail.

const root = fileURLToPath(new URL('../../..', import.meta.url))
const run = promisify(execFile)

const workspaces = (await Promise.all(['apps', 'packages'].map(async room => {
  const entries = await readdir(join(root, room), { withFileTypes: true })
  return entries.filter(entry => entry.isDirectory()).map(entry => `${room}/${entry.name}`)
}))).flat()

interface Manifest { dependencies?: Record<string, string>, devDependencies?: Record<string, string> }
interface Project { references: { path: string }[] }
interface TurboFile { tags?: string[], boundaries?: { tags?: Record<string, unknown> } }

t.test('every workspace has tags, and every tag has a rule', async t => {
  const rules = Object.keys((await readJson<TurboFile>(join(root, 'turbo.json'))).boundaries?.tags ?? {})
  for (const workspace of workspaces) {
    const { tags = [] } = await readJson<TurboFile>(join(root, workspace, 'turbo.json'))
    t.not(tags.length, 0, `${workspace} has tags`)
    t.strictSame(tags.filter(tag => !rules.includes(tag)), [], `the tags of ${workspace} have rules`)
  }
})

t.test('test tools are nobody\'s dependency at run time', async t => {
  for (const workspace of workspaces) {
    const { dependencies = {} } = await readJson<Manifest>(join(root, workspace, 'package.json'))
    t.notOk('@baton/testing' in dependencies, workspace)
  }
})

// Without the reference, a clean build finds no declarations, and a built tree hides it.
t.test('what a workspace depends on, its tsconfig refers to', async t => {
  for (const workspace of workspaces) {
    const { dependencies, devDependencies } = await readJson<Manifest>(join(root, workspace, 'package.json'))
    const ours = Object.keys({ ...dependencies, ...devDependencies }).filter(name => name.startsWith('@baton/')).map(name => basename(name))
    const { references } = await readJson<Project>(join(root, workspace, 'tsconfig.json'))
    const missing = ours.filter(name => !references.some(({ path }) => basename(path) === name))
    t.strictSame(missing, [], workspace)
  }
  const { references } = await readJson<Project>(join(root, 'tsconfig.json'))
  t.strictSame(references.map(({ path }) => path).sort(), [...workspaces, 'bench', 'drills', 'fuzz', 'reference'].sort(), 'the root refers to all')
})

t.test('turbo boundaries', async t => {
  const house = await skeletonOf(t)

  await t.test('pass for the workspaces as they are', async t => {
    t.match(await boundariesOf(house), 'noissuesfound')
  })

  for (const [workspace, imported] of [
    ['packages/contracts', '@baton/queue'],
    ['packages/contracts', '@baton/testing'],
    ['packages/runtime', '@baton/targets'],
    ['packages/testing', '@baton/runtime'],
    ['packages/fake-tencent', '@baton/runtime'],
    ['packages/fake-tencent', '@baton/testing'],
    ['packages/queue', '@baton/targets'],
    ['packages/queue', '@baton/ingress'],
    ['packages/targets', '@baton/queue'],
    ['packages/operations', '@baton/targets'],
    ['apps/ingress', '@baton/worker'],
    ['apps/worker', '@baton/cli']
  ] as const) {
    await t.test(`fail when ${workspace} depends on ${imported}`, async t => {
      await offend(t, house, workspace, { dependencies: { [imported]: '0.1.0' }, source: `import '${imported}'` })
      t.match(await boundariesOf(house), `Package\`${imported}\`foundwithoutanytaglistedinallowlistfor\`@baton/${workspace.split('/')[1]}\``)
    })
  }

  await t.test('fail when the ingress depends on the targets', async t => {
    await offend(t, house, 'apps/ingress', { dependencies: { '@baton/targets': '0.1.0' } })
    t.match(await boundariesOf(house), 'Package`@baton/targets`foundwithtaglistedindenylistfor`@baton/ingress`')
  })

  await t.test('fail on an import that package.json does not name', async t => {
    await offend(t, house, 'packages/contracts', { source: 'import \'@baton/queue\'' })
    t.match(await boundariesOf(house), 'cannotimportpackage`@baton/queue`becauseitisnotadependency')
  })

  await t.test('fail on an import that leaves the workspace', async t => {
    await offend(t, house, 'packages/contracts', { source: 'import \'../../queue/src/index.ts\'' })
    t.match(await boundariesOf(house), 'import`../../queue/src/index.ts`leavesthepackage')
  })
})

t.test('eslint', async t => {
  // Pretended files belong to no TypeScript project, so the rules that need types stay out.
  const eslint = new ESLint({
    cwd: root,
    ruleFilter: ({ ruleId }) => ruleId.startsWith('no-restricted-'),
    overrideConfig: { languageOptions: { parserOptions: { projectService: false } } }
  })

  const broken = async (path: string, source: string): Promise<string[]> => {
    const [result] = await eslint.lintText(source, { filePath: join(root, path) })
    return result?.messages.map(({ ruleId, message }) => ruleId ?? message) ?? []
  }

  for (const [name, source, rule, refused, allowed] of [
    ['fastify', 'import { fastify } from \'fastify\'', 'no-restricted-imports', ['packages/contracts/src/x.ts', 'apps/worker/src/x.ts'], ['apps/ingress/src/x.ts', 'apps/console/src/x.ts', 'packages/runtime/test/x.test.ts']],
    ['a part of fastify', 'import cors from \'@fastify/cors\'', 'no-restricted-imports', ['apps/worker/src/x.ts'], ['apps/ingress/src/x.ts']],
    ['bullmq', 'import type { Queue } from \'bullmq\'', 'no-restricted-imports', ['packages/operations/src/x.ts', 'apps/ingress/src/x.ts'], ['packages/queue/src/x.ts', 'packages/operations/test/x.test.ts']],
    ['bullmq, later', 'await import(\'bullmq\')', 'no-restricted-syntax', ['packages/operations/src/x.ts'], ['packages/queue/src/x.ts']],
    ['ioredis', 'export { Redis } from \'ioredis\'', 'no-restricted-imports', ['packages/runtime/src/x.ts', 'packages/targets/src/x.ts'], ['packages/queue/src/x.ts', 'packages/testing/src/x.ts']],
    ['lmdb', 'import { open } from \'lmdb\'', 'no-restricted-imports', ['apps/ingress/src/x.ts', 'packages/queue/src/x.ts'], ['packages/journal/src/x.ts']],
    ['mysql2', 'import mysql from \'mysql2/promise\'', 'no-restricted-imports', ['packages/runtime/src/x.ts', 'apps/cli/src/x.ts'], ['packages/targets/src/mysql/x.ts', 'packages/testing/src/x.ts']],
    ['pg', 'import pg from \'pg\'', 'no-restricted-imports', ['packages/runtime/src/x.ts', 'apps/cli/src/x.ts'], ['packages/targets/src/postgres/x.ts', 'apps/cli/test/x.test.ts', 'packages/testing/src/x.ts']],
    ['undici', 'import { request } from \'undici\'', 'no-restricted-imports', ['packages/targets/src/x.ts', 'apps/ingress/src/x.ts', 'apps/cli/src/x.ts'], ['packages/runtime/src/x.ts', 'packages/targets/test/x.test.ts']],
    ['fetch', 'await fetch(\'http://x/\')', 'no-restricted-globals', ['packages/targets/src/x.ts', 'apps/ingress/src/x.ts', 'apps/worker/src/x.ts'], ['packages/operations/src/x.ts', 'packages/targets/test/x.test.ts']],
    ['standardwebhooks', 'import { Webhook } from \'standardwebhooks\'', 'no-restricted-imports', ['apps/worker/src/x.ts', 'packages/targets/src/x.ts'], ['packages/runtime/src/x.ts']],
    ['the fake Tencent', 'import { FakeTencent } from \'@baton/fake-tencent\'', 'no-restricted-imports', ['apps/cli/src/x.ts', 'packages/targets/src/x.ts'], ['packages/operations/src/x.ts', 'packages/testing/src/x.ts', 'packages/queue/test/x.test.ts']],
    ['the test tools', 'import { freePort } from \'@baton/testing\'', 'no-restricted-imports', ['packages/queue/src/x.ts', 'apps/cli/src/x.ts'], ['packages/queue/test/x.test.ts']],
    ['the inside of a package', 'import \'@baton/queue/dist/src/names.js\'', 'no-restricted-imports', ['apps/worker/src/x.ts', 'apps/worker/test/x.test.ts'], []],
    ['a neighbour\'s file', 'import \'../../queue/src/names.ts\'', 'no-restricted-imports', ['packages/operations/src/x.ts', 'packages/operations/test/x.test.ts'], []],
    ['an own file', 'import \'../../src/x.ts\'', 'no-restricted-imports', [], ['packages/queue/test/x/x.test.ts']],
    ['process.env', 'console.log(process.env.PORT)', 'no-restricted-properties', ['packages/runtime/src/x.ts', 'apps/cli/src/main.ts'], ['packages/runtime/src/environment.ts', 'packages/runtime/test/x.test.ts', 'packages/testing/src/x.ts']],
    ['process.env by another name', 'import { env } from \'node:process\'', 'no-restricted-imports', ['packages/runtime/src/x.ts'], []],
    ['process.exit', 'process.exit(1)', 'no-restricted-properties', ['packages/runtime/src/run-process.ts', 'packages/runtime/src/environment.ts', 'packages/queue/test/x.test.ts'], ['apps/cli/src/main.ts', 'packages/runtime/src/install-servers-main.ts', 'packages/testing/src/x-main.ts']],
    ['a default export', 'export default 1', 'no-restricted-exports', ['packages/contracts/src/x.ts', 'packages/contracts/test/x.test.ts'], []]
  ] as const) {
    for (const path of refused) t.test(`refuses ${name} in ${path}`, async t => t.strictSame(await broken(path, source), [rule]))
    for (const path of allowed) t.test(`allows ${name} in ${path}`, async t => t.strictSame(await broken(path, source), []))
  }
})

/** The law's files comment on lines of their own. */
async function readJson<T> (path: string): Promise<T> {
  return JSON.parse((await readFile(path, 'utf8')).replaceAll(/^\s*\/\/.*$/gm, '')) as T
}

/** All that boundaries read, without the sources: a repository of its own, where an offence harms nobody. */
async function skeletonOf (t: Test): Promise<string> {
  const house = t.testdir({ '.gitignore': 'node_modules\n' })
  for (const file of ['turbo.json', 'package.json', 'package-lock.json']) await cp(join(root, file), join(house, file))
  for (const workspace of workspaces) {
    await mkdir(join(house, workspace, 'src'), { recursive: true })
    for (const file of ['turbo.json', 'package.json']) await cp(join(root, workspace, file), join(house, workspace, file))
  }
  await symlink(join(root, 'node_modules'), join(house, 'node_modules'))
  await run('git', ['init', '--quiet', house])
  return house
}

/** Breaks the law in one workspace, until the test ends. */
async function offend (t: Test, house: string, workspace: string, { dependencies = {}, source = '' }: { dependencies?: Record<string, string>, source?: string }): Promise<void> {
  const manifestPath = join(house, workspace, 'package.json')
  const sourcePath = join(house, workspace, 'src/index.ts')
  const before = await readFile(manifestPath)
  t.teardown(async () => {
    await writeFile(manifestPath, before)
    await writeFile(sourcePath, '')
  })
  const manifest = await readJson<Manifest>(manifestPath)
  await writeFile(manifestPath, JSON.stringify({ ...manifest, dependencies: { ...manifest.dependencies, ...dependencies } }))
  await writeFile(sourcePath, `${source}\n`)
}

/** What turbo prints, without the blanks and bars of its line breaks, which fall anywhere. */
async function boundariesOf (house: string): Promise<string> {
  const printed = await run(join(root, 'node_modules/.bin/turbo'), ['boundaries', '--no-color'], { cwd: house, env: { ...process.env, TURBO_TELEMETRY_DISABLED: '1' } })
    .catch((failure: { stdout: string, stderr: string }) => failure)
  return (printed.stdout + printed.stderr).replaceAll(/[\s|]/g, '')
}
