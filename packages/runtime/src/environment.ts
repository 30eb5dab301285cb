import { Type, type Static } from '@sinclair/typebox'
import { Value } from '@sinclair/typebox/value'
import { BatonError } from './baton-error.ts'
import { sizePattern } from './size.ts'
import { problemOfProxies } from './trusted-proxies.ts'

const Port = (ofWhat: string, port: number) =>
  Type.Integer({ minimum: 0, maximum: 65535, default: port, description: `Port of ${ofWhat}; 0 takes any free one and prints it.` })

const Size = (size: string, description: string) =>
  Type.String({ pattern: sizePattern, default: size, description: `${description} A size such as 512MiB, 4GiB or 1TiB.` })

/** The settings of a process. This file is the only one that reads `process.env`. */
export const Settings = Type.Object({
  REDIS_URL: Type.Optional(Type.String({ pattern: '^rediss?://', secret: true, description: 'Redis or Valkey, 6.2 or later, as a redis:// or rediss:// URL, with maxmemory-policy noeviction. Without it `baton up` runs one of its own.' })),
  REDIS_MEMORY: Type.Optional(Type.String({ pattern: sizePattern, description: 'Memory of Redis at which the ingress leaves further events in its journal, a size such as 512MiB or 4GiB. Without it: three quarters of its maxmemory, where that is set.' })),
  HOST: Type.String({ minLength: 1, default: '127.0.0.1', description: 'Address that ingress and worker listen on. 0.0.0.0 opens them to the network.' }),
  PORT: Port('the ingress', 7080),
  INGRESS_PATH: Type.String({ pattern: '^(?!/(livez|readyz|metrics)$)(?!.*//)/[A-Za-z0-9._~/-]*$', default: '/', secret: true, description: 'Path of the callback URL: letters, digits and ._~/-, no double slash, and none of /livez, /readyz and /metrics. A long random one keeps strangers out; it is not logged.' }),
  TLS_CERT: Type.Optional(Type.String({ minLength: 1, description: 'PEM file of the certificate with which the ingress speaks HTTPS, followed by those that issued it. Belongs together with TLS_KEY; without both it speaks HTTP.' })),
  TLS_KEY: Type.Optional(Type.String({ minLength: 1, description: 'PEM file of its key, without a passphrase. Belongs together with TLS_CERT. Both are read again when they change.' })),
  TRUST_PROXY: Type.Optional(Type.String({ minLength: 1, description: 'The proxies before the ingress, which are believed when they tell in X-Forwarded-For who sends: their addresses and networks, such as 10.0.0.0/8,2001:db8::7, or their number, 1 to 9. Without it nobody is believed. Whoever is believed can claim any address, so there is no value for everybody.' })),
  STOP_DELAY: Type.String({ pattern: '^((300000|[12]?[0-9]{1,5})ms|(300|[12]?[0-9]{1,2})s|[0-5]m)$', default: '0s', description: 'How long the ingress goes on taking callbacks when it is asked to stop, so that load balancers notice that it is not ready: a duration such as 500ms, 5s or 1m, at most 5m.' }),
  WORKER_PORT: Port("the worker's health and metrics", 7082),
  EMBEDDED_PG_PORT: Port('the embedded PostgreSQL, on 127.0.0.1', 7083),
  LOG_LEVEL: Type.Union(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'].map(level => Type.Literal(level)), { default: 'info', description: 'fatal, error, warn, info, debug, trace or silent. No level logs message content.' }),
  BATON_CONFIG: Type.Optional(Type.String({ minLength: 1, description: 'The relay file. Default ./baton.yaml where it exists; a named one must exist.' })),
  BATON_DATA_DIR: Type.String({ minLength: 1, default: './data', description: 'Where the journal, managed Redis and the embedded PostgreSQL keep their data: a folder on a local disk.' }),
  JOB_LOCK: Type.String({ pattern: '^(([2-9]|[1-9][0-9]|[12][0-9][0-9]|300)s|[1-5]m)$', default: '30s', description: 'How long a job stays with a worker that gives no sign of life, before another one takes it: 2s to 5m. Shorter ones lapse while Redis fails over, and are delivered twice.' }),
  JOURNAL_UNSETTLED: Size('4GiB', 'Room in the journal for events that are not settled for all targets. When it is full, callbacks are answered 503.'),
  JOURNAL_RETAINED: Size('4GiB', 'Room in the journal for settled events; they give way first.'),
  JOURNAL_RETENTION: Type.String({ pattern: '^[0-9]{1,5}(m|h|d)$', default: '24h', description: 'How long settled events are kept, such as 30m, 24h or 7d.' }),
  JOURNAL_MINIMUM_FREE: Size('512MiB', 'Space that the journal leaves free on its disk. Below it, callbacks are answered 503.'),
  BATON_NO_INSTALL: Type.Union([Type.Literal('0'), Type.Literal('1')], { default: '0', description: '1 = never install a missing Redis with apt-get or brew.' })
})
export type Settings = Static<typeof Settings>

interface Misfit {
  name: string
  value: unknown
  /** Where the description alone does not tell. */
  why?: string
}

/** Reads and checks the environment; throws SETTINGS_INVALID with every problem at once. An empty variable counts as unset. */
export function readSettings (environment: NodeJS.ProcessEnv = process.env): Settings {
  const given = Object.fromEntries(Object.keys(Settings.properties).flatMap(name => {
    const value = environment[name]
    return value === undefined || value === '' ? [] : [[name, value]]
  }))
  const candidate = Value.Default(Settings, withNumbers(given))
  const misfits: Misfit[] = [...Value.Errors(Settings, candidate)].map(({ path, value }) => ({ name: path.slice(1), value }))
  if (given['REDIS_URL'] !== undefined && !URL.canParse(given['REDIS_URL'])) misfits.push({ name: 'REDIS_URL', value: given['REDIS_URL'] })
  if (given['TRUST_PROXY'] !== undefined) {
    const why = problemOfProxies(given['TRUST_PROXY'])
    if (why !== undefined) misfits.push({ name: 'TRUST_PROXY', value: given['TRUST_PROXY'], why })
  }
  for (const [name, other] of [['TLS_CERT', 'TLS_KEY'], ['TLS_KEY', 'TLS_CERT']] as const) {
    if (given[name] === undefined && given[other] !== undefined) misfits.push({ name, value: undefined, why: `${other} is set without it` })
  }
  if (misfits.length === 0 && Value.Check(Settings, candidate)) return candidate
  const problems = misfits.map(({ name, value, why }) => {
    const description = propertyOf(name)?.description ?? ''
    const what = value === undefined ? 'is missing' : 'secret' in (propertyOf(name) ?? {}) ? 'does not fit' : `= ${JSON.stringify(value)} does not fit`
    return `${name} ${what}: ${why === undefined ? '' : `${why}. `}${description}`
  })
  throw new BatonError('SETTINGS_INVALID', 'The environment does not fit. Change these variables:', { problems: [...new Set(problems)] })
}

/** The value of one variable, for `${VAR}` in the relay file. */
export const environmentVariable = (name: string): string | undefined => process.env[name]

/** The environment for a child process: ours, with some variables set. */
export const childEnvironment = (set: Record<string, string>): NodeJS.ProcessEnv => ({ ...process.env, ...set })

const propertyOf = (name: string): { description?: string, type?: string } | undefined =>
  Object.entries<{ description?: string, type?: string }>(Settings.properties).find(([property]) => property === name)?.[1]

/** Variables are text; those whose schema is an integer become numbers, where they are digits. */
const withNumbers = (given: Record<string, string>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(given).map(([name, value]) =>
    [name, propertyOf(name)?.type === 'integer' && /^\d+$/.test(value) ? Number(value) : value]))
