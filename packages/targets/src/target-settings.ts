import { createHash } from 'node:crypto'
import { dirname } from 'node:path'
import { commandFilter, knownCommands } from '@baton/contracts'
import { Duration, didYouMean, spelled, type RelayDocument } from '@baton/runtime'
import { Type, type StaticDecode, type TSchema } from '@sinclair/typebox'
import { filtered } from './filter.ts'
import { problemOfLeftOut } from './left-out.ts'
import { RoutingSettings, readRouting, type Routing } from './routing-settings.ts'
import type { OpenContext, Target, TargetDescription, TargetType } from './target.ts'
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
  ordering: Type.Optional(Type.Object({
    by: Type.Literal('key', { description: 'Events of one key (docs/commands.md tells each command\'s) are delivered one after the other, in the order of the journal.' }),
    onFailure: Type.Union([Type.Literal('skip'), Type.Literal('block')], { default: 'skip', description: 'What becomes of a key when an event of it is given up. skip: the event is a dead letter, and the next one follows. block: all events after it wait until an operator replays or drops it.' })
  }, { additionalProperties: false, description: 'Left out: events are delivered as they come, several at a time.' })),
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
  /** The same for the same settings. */
  fingerprint: string
  /** The same for the same events: what a router needs to know of it. */
  routing: string
  /** Exact ones and patterns; undefined for all after-commands. */
  commands: readonly string[] | undefined
  /** What it is not given of these, in the words of operators: `messages`. */
  without: string | undefined
  wants: Routing['wants']
  meant: Routing['meant']
  description: TargetDescription
  retry: CommonSettings['retry']
  /** Calls at once, in one worker. */
  concurrency: number
  /** Most events of one call. */
  together: number
  /** Deliveries that may wait in Redis. */
  backlog: number
  /** In ms. */
  timeout: number
  /** Undefined: events need no order. */
  ordering: CommonSettings['ordering']
  /** `per` in ms. */
  rateLimit: CommonSettings['rateLimit']
  /** Pauses in ms. */
  breaker: CommonSettings['breaker']
  /** Whether it writes to the PostgreSQL that Baton runs itself. */
  needsEmbeddedPostgres: boolean
  open: (context: Omit<OpenContext, 'name' | 'concurrency' | 'timeout'>) => Promise<Target>
}

/** The whole schema of a target of one type. */
export const targetSchema = (type: TargetType) => Type.Object(
  { type: Type.Literal(type.type), ...type.settings.properties, ...CommonSettings.properties },
  { additionalProperties: false }
)

/** Reads `targets`, and tries the modules that they name; problems are left in the document. */
export async function readTargets (document: RelayDocument): Promise<ConfiguredTarget[]> {
  const names = document.keys(['targets'])
  if (names.length === 0) document.problem(['targets'], 'targets: name at least one target')
  const targetOf = async (name: string): Promise<ConfiguredTarget[]> => {
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
    checkRanges(document, path)
    warnOfCommands(document, path)
    const routing = document.part(path, Type.Object(RoutingSettings))
    const read = routing && readRouting(document, path, routing, type)
    const written = document.peek(path)
    if (document.part(path, Type.Object(type.settings.properties)) === undefined || typeof written !== 'object' || written === null) return []
    const { problems, doubts = [], needsEmbeddedPostgres, together, ownType, leavesOut, description, open } = await type.configure(written, dirname(document.file))
    for (const { at, problem, character } of problems) document.problem([...path, ...at], `${spelled([...path, ...at])}: ${problem}`, character)
    for (const { at, problem } of doubts) document.warning([...path, ...at], `${spelled([...path, ...at])}: ${problem}`)
    for (const [nth, pattern] of (leavesOut === undefined ? [] : document.part([...path, 'commands'], CommonSettings.properties.commands) ?? []).entries()) {
      const problem = leavesOut && problemOfLeftOut(pattern, leavesOut)
      if (problem !== undefined) document.problem([...path, 'commands', nth], `${spelled([...path, 'commands', nth])}: ${problem}`)
    }
    if (settings === undefined || read === undefined) return []
    const { commands, retry, concurrency, backlog, timeout, ordering, rateLimit, breaker } = settings
    const { wants, masked, meant } = read
    return [{
      name,
      type: ownType === undefined ? type.type : `${type.type} ${ownType}`,
      fingerprint: digest([type.type, settings]),
      routing: JSON.stringify([name, commands ?? null, leavesOut?.what ?? null, settings.filter ?? null, ordering?.by ?? null]),
      commands,
      without: leavesOut?.what,
      wants: leavesOut === undefined ? wants : event => leavesOut.isLeftOut(event.command) ? filtered : wants(event),
      meant,
      description,
      retry,
      concurrency,
      together,
      backlog,
      timeout,
      ordering,
      rateLimit,
      breaker,
      needsEmbeddedPostgres,
      open: async context => masked(await open({ ...context, name, concurrency, timeout }))
    }]
  }
  const configured: ConfiguredTarget[] = []
  for (const name of names) configured.push(...await targetOf(name)) // one at a time: each module is tried in a process of its own
  return configured
}

/** Which events of a relay go where, as a name: relay files that route alike have the same. */
export const relayVersion = (targets: readonly ConfiguredTarget[]): string =>
  digest(targets.map(({ routing }) => routing).toSorted()).slice(0, 12)

const digest = (value: unknown): string => createHash('sha256').update(JSON.stringify(value)).digest('hex')

/** What one field alone does not tell. */
function checkRanges (document: RelayDocument, path: string[]): void {
  const part = <S extends TSchema>(name: string, schema: S) => document.part([...path, name], schema)
  const complain = (name: string, problem: string) => { document.problem([...path, ...name.split('.')], `${path.join('.')}.${name}: ${problem}`) }
  const { properties } = CommonSettings
  const timeout = part('timeout', properties.timeout)
  if (timeout !== undefined && (timeout < 100 || timeout > 300_000)) complain('timeout', 'must lie between 100ms and 5m')
  const rateLimit = part('rateLimit', properties.rateLimit)
  if (rateLimit !== undefined && (rateLimit.per < 1 || rateLimit.per > 3_600_000)) complain('rateLimit.per', 'must lie between 1ms and 1h')
  if (rateLimit !== undefined && rateLimit.per / rateLimit.events > 60_000) complain('rateLimit', 'must let at least one event a minute through')
  const breaker = part('breaker', properties.breaker)
  if (breaker !== undefined && (breaker.firstPause < 100 || breaker.firstPause > breaker.maxPause)) complain('breaker.firstPause', 'must be at least 100ms, and not above maxPause')
  if (breaker !== undefined && breaker.maxPause > 3_600_000) complain('breaker.maxPause', 'must be at most 1h')
  const retry = part('retry', properties.retry)
  if (retry === undefined) return
  if (retry.firstDelay < 1) complain('retry.firstDelay', 'must be at least 1ms')
  if (retry.maxDelay < retry.firstDelay) complain('retry.maxDelay', 'must not be below firstDelay')
  if (retry.maxDelay > 86_400_000) complain('retry.maxDelay', 'must be at most 1d')
  if (retry.maxAge < retry.firstDelay) complain('retry.maxAge', 'must not be below firstDelay')
}

/** A slip here would filter everything without a word; a new command of Tencent's looks the same. */
function warnOfCommands (document: RelayDocument, path: string[]): void {
  document.part([...path, 'commands'], CommonSettings.properties.commands)?.forEach((pattern, nth) => {
    if (knownCommands.some(commandFilter([pattern]))) return
    document.warning([...path, 'commands', nth], `${path.join('.')}.commands[${nth}]: ${pattern} matches no command that Baton knows${didYouMean(pattern, knownCommands)}`)
  })
}
