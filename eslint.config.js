import neostandard, { resolveIgnoresFromGitignore } from 'neostandard'
import tseslint from 'typescript-eslint'

/** Which room may use which of the world's packages; turbo.json says the same of our own. */
const homes = [
  { packages: ['fastify', '@fastify/[^/]+'], rooms: ['apps/ingress', 'apps/console'], reason: 'Only the rooms that strangers and operators call speak through fastify; health and metrics go over node:http in packages/runtime.' },
  { packages: ['bullmq', 'ioredis'], rooms: ['packages/queue'], reason: 'Every string that reaches Redis is spelled in packages/queue; use what it exports.' },
  { packages: ['lmdb'], rooms: ['packages/journal'], reason: 'What is durable before the acknowledgement is decided in one place: packages/journal.' },
  { packages: ['pg', 'mysql2', '@platformatic/kafka', '@nats-io/transport-node', '@nats-io/jetstream', 'amqplib'], rooms: ['packages/targets'], reason: 'Destinations are reached by targets only, so that time limits and outcomes are the same everywhere.' },
  { packages: ['undici'], rooms: ['packages/runtime'], reason: 'Receivers are reached through receiverPool of packages/runtime alone: it looks at the address that it connects to.' },
  { packages: ['standardwebhooks'], rooms: ['packages/runtime'], reason: 'How an event is presented to a receiver is decided in one place: eventRequests of packages/runtime.' },
  { packages: ['@baton/fake-tencent'], rooms: ['packages/operations'], reason: 'Callbacks are made up for tests, and to be sent by `baton send`; take what packages/operations exports.' }
]

const tests = ['**/test/**/*.ts', 'packages/testing/**/*.ts']

const pattern = (packages, message) => ({ regex: `^(${packages.join('|')})(/|$)`, message })
const deepImports = {
  regex: '^(@baton/[^/]+/|(\\.\\./)+(?!src/|dist/)[^./][^/]*/(.*/)?(src|dist)/)',
  message: 'Import another workspace by its name; what its index.ts lists is all it promises.'
}
const testTools = pattern(['@baton/testing'], 'Test tools start servers and keep all that they see: for tests only.')
const bare = { importNames: ['env', 'exit'], message: 'Imported bare, they escape the rules on process.env and process.exit.' }

/** A later entry replaces a rule of an earlier one, so each is made in full; the second rule is the first for `import()`. */
const imports = (files, ...patterns) => ({
  files,
  rules: {
    'no-restricted-imports': ['error', { paths: [{ name: 'node:process', ...bare }, { name: 'process', ...bare }], patterns: [deepImports, ...patterns] }],
    'no-restricted-syntax': ['error', ...[deepImports, ...patterns].map(({ regex, message }) => ({ selector: `ImportExpression[source.value=/${regex.replaceAll('/', '\\u002f')}/]`, message }))]
  }
})
const homesExcept = room => homes.filter(({ rooms }) => !rooms.includes(room)).map(({ packages, reason }) => pattern(packages, reason))

const processEnv = { object: 'process', property: 'env', message: 'Settings are read and checked in packages/runtime/src/environment.ts; take them as an argument.' }
const processExit = { object: 'process', property: 'exit', message: 'Only a main file ends its process: throw or return, so that what is open gets closed.' }
const globalFetch = { name: 'fetch', message: 'Receivers are reached through receiverPool of packages/runtime alone: it looks at the address that it connects to.' }
const properties = (files, ...restricted) => ({ files, rules: { 'no-restricted-properties': ['error', ...restricted] } })

export default [
  ...neostandard({ ts: true, noJsx: true, ignores: resolveIgnoresFromGitignore() }),
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  {
    files: ['**/*.ts'],
    plugins: { '@typescript-eslint': tseslint.plugin },
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      // TypeBox names a schema and its type alike.
      'no-redeclare': 'off',
      '@typescript-eslint/no-redeclare': 'off',
      // A lost promise is a lost event. `void` says that it is left alone on purpose; tap waits for the tests that it was given.
      '@typescript-eslint/no-floating-promises': ['error', { allowForKnownSafePromises: [{ from: 'package', name: 'PromiseWithSubtest', package: '@tapjs/core' }] }],
      'no-void': 'off',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/await-thenable': 'error',
      // Returned bare from a try block, a promise escapes the catch.
      '@typescript-eslint/return-await': ['error', 'error-handling-correctness-only'],
      '@typescript-eslint/only-throw-error': 'error',
      // Unknown data is `unknown` until a schema has checked it.
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-non-null-assertion': 'error',
      // A new outcome or refusal shows every place that has to decide on it.
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }]
    }
  },
  {
    // One name for one thing, in every file.
    files: ['{apps,packages}/**'],
    rules: { 'no-restricted-exports': ['error', { restrictDefaultExports: { direct: true, named: true, defaultFrom: true, namedFrom: true, namespaceFrom: true } }] }
  },
  imports(['{apps,packages}/**'], testTools, ...homesExcept()),
  ...[...new Set(homes.flatMap(({ rooms }) => rooms))].map(room => imports([`${room}/**`], testTools, ...homesExcept(room))),
  imports(tests),
  { files: ['packages/targets/src/**', 'apps/{ingress,worker}/src/**'], rules: { 'no-restricted-globals': ['error', globalFetch] } },
  properties(['{apps,packages}/**'], processEnv, processExit),
  properties(['packages/runtime/src/environment.ts'], processExit),
  properties(['packages/runtime/src/on-stop-signals.ts'], processEnv), // whoever asks twice does not want to wait
  properties(['**/bin/*.js', '**/src/main.ts', '**/src/*-main.ts'], processEnv),
  properties(tests, processExit),
  // Relay files in tests name variables as ${NAME} in plain strings: that is their syntax, not a forgotten template.
  { files: tests, rules: { 'no-template-curly-in-string': 'off' } },
  { files: ['packages/testing/src/*-main.ts', '**/test/**/*-main.ts'], rules: { 'no-restricted-properties': 'off' } }
]
