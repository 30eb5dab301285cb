import { Duration, didYouMean, type RelayDocument } from '@baton/runtime'
import { Type, type StaticDecode } from '@sinclair/typebox'
import { RoutingSettings, readRouting, type Routing } from './routing-settings.ts'
import type { OpenContext, Target, TargetType } from './target.ts'
import { targetTypes } from './target-types.ts'

/** The settings that every target has, whatever its type. */
const CommonSettings = Type.Object({
  ...RoutingSettings,
  retry: Type.Object({
    firstDelay: Duration({ default: '1s', description: 'Longest wait before the second attempt; it doubles with each further one, and the wait is random below it.' }),
    maxDelay: Duration({ default: '1h', description: 'The wait grows no further than this.' }),
    maxAge: Duration({ default: '72h', description: 'After this time an event is given up and becomes a dead letter.' }),
    attempts: Type.Optional(Type.Integer({ minimum: 1, maximum: 100_000, description: 'After so many attempts an event is given up. Left out: maxAge alone decides.' }))
  }, { additionalProperties: false, default: {} }),
  concurrency: Type.Integer({ minimum: 1, maximum: 1_000, default: 10, description: 'Calls of the target at once, in one worker: requests of a webhook, transactions of a database.' }),
  backlog: Type.Integer({ minimum: 10, maximum: 1_000_000, default: 10_000, description: 'Deliveries, of 1 to 100 events each, that may wait in Redis. Beyond it events stay in the journals until the target works again.' }),
  timeout: Duration({ default: '10s', description: 'How long one attempt may take.' }),
  rateLimit: Type.Optional(Type.Object({
    events: Type.Integer({ minimum: 1, maximum: 1_000_000, description: 'So many events,' }),
    per: Duration({ default: '1s', description: 'evenly spread over this time, from all workers together.' })
  }, { additionalProperties: false })),
  breaker: Type.Object({
    failures: Type.Integer({ minimum: 1, maximum: 1_000, default: 10, description: 'After so many deliveries in a row that one worker has seen fail, the target is parked: it is tried with one event now and then, and no attempts are counted.' }),
    firstPause: Duration({ default: '1s', description: 'When it is tried first; then after twice as long each time.' }),
    maxPause: Duration({ default: '1m', description: 'It is tried at least so often.' })
  }, { additionalProperties: false, default: {} })
})
type CommonSettings = StaticDecode<typeof CommonSettings>

/** The name stands in Redis keys, log lines and metrics. */
export const targetNamePattern = '^[a-z][a-z0-9-]{0,47}$'

/** One target of the relay file, checked and not yet open. */
export interface ConfiguredTarget {
  name: string
  type: string
  wants: Routing['wants']
  meant: Routing['meant']
  retry: CommonSettings['retry']
  /** Calls at once, in one worker. */
  concurrency: number
  /** Most events of one call. */
  together: number
  /** Deliveries that may wait in Redis. */
  backlog: number
  /** In ms. */
  timeout: number
  /** `per` in ms. */
  rateLimit: CommonSettings['rateLimit']
  /** Pauses in ms. */
  breaker: CommonSettings['breaker']
  /** Whether it writes to the PostgreSQL that Baton runs itself. */
  needsEmbeddedPostgres: boolean
  open: (context: Omit<OpenContext, 'name' | 'concurrency' | 'timeout'>) => Target
}

/** The whole schema of a target of one type. */
export const targetSchema = (type: TargetType) => Type.Object(
  { type: Type.Literal(type.type), ...type.settings.properties, ...CommonSettings.properties },
  { additionalProperties: false }
)

/** Reads `targets`; problems are left in the document. */
export function readTargets (document: RelayDocument): ConfiguredTarget[] {
  const names = document.keys(['targets'])
  if (names.length === 0) document.problem(['targets'], 'targets: name at least one target')
  return names.flatMap(name => {
    const path = ['targets', name]
    if (!new RegExp(targetNamePattern).test(name)) {
      document.problem(path, `targets.${name}: a target's name has lower-case letters, digits and hyphens, begins with a letter and is at most 48 long`)
    }
    const given = document.peek([...path, 'type'])
    const type = targetTypes.find(candidate => candidate.type === given)
    if (type === undefined) {
      const known = targetTypes.map(({ type }) => type)
      document.problem([...path, 'type'], `targets.${name}.type: ${given === undefined ? 'is missing' : 'is unknown'}; there are ${known.join(', ')}${didYouMean(String(given), known)}`)
      return []
    }
    const settings = document.section(path, targetSchema(type))
    if (settings === undefined) return []
    checkRanges(document, path, settings)
    const { retry, concurrency, backlog, timeout, rateLimit, breaker } = settings
    const written = document.peek(path)
    if (typeof written !== 'object' || written === null) return []
    const { problem, needsEmbeddedPostgres, open } = type.configure(written)
    if (problem !== undefined) document.problem([...path, problem[0]], `${path.join('.')}.${problem[0]}: ${problem[1]}`)
    const { wants, masked, meant } = readRouting(document, path, settings, type)
    return [{
      name,
      type: type.type,
      wants,
      meant,
      retry,
      concurrency,
      together: type.together,
      backlog,
      timeout,
      rateLimit,
      breaker,
      needsEmbeddedPostgres,
      open: (context: Omit<OpenContext, 'name' | 'concurrency' | 'timeout'>) => masked(open({ ...context, name, concurrency, timeout }))
    }]
  })
}

/** What one field alone does not tell. */
function checkRanges (document: RelayDocument, path: string[], { retry, timeout, rateLimit, breaker }: CommonSettings): void {
  const spelled = path.join('.')
  if (timeout < 100 || timeout > 300_000) document.problem([...path, 'timeout'], `${spelled}.timeout: must lie between 100ms and 5m`)
  if (rateLimit !== undefined && (rateLimit.per < 1 || rateLimit.per > 3_600_000)) document.problem([...path, 'rateLimit', 'per'], `${spelled}.rateLimit.per: must lie between 1ms and 1h`)
  if (rateLimit !== undefined && rateLimit.per / rateLimit.events > 60_000) document.problem([...path, 'rateLimit'], `${spelled}.rateLimit: must let at least one event a minute through`)
  if (breaker.firstPause < 100 || breaker.firstPause > breaker.maxPause) document.problem([...path, 'breaker', 'firstPause'], `${spelled}.breaker.firstPause: must be at least 100ms, and not above maxPause`)
  if (breaker.maxPause > 3_600_000) document.problem([...path, 'breaker', 'maxPause'], `${spelled}.breaker.maxPause: must be at most 1h`)
  if (retry.firstDelay < 1) document.problem([...path, 'retry', 'firstDelay'], `${spelled}.retry.firstDelay: must be at least 1ms`)
  if (retry.maxDelay < retry.firstDelay) document.problem([...path, 'retry', 'maxDelay'], `${spelled}.retry.maxDelay: must not be below firstDelay`)
  if (retry.maxDelay > 86_400_000) document.problem([...path, 'retry', 'maxDelay'], `${spelled}.retry.maxDelay: must be at most 1d`)
  if (retry.maxAge < retry.firstDelay) document.problem([...path, 'retry', 'maxAge'], `${spelled}.retry.maxAge: must not be below firstDelay`)
}
