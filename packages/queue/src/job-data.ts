import { EventDecision, type JournalledEvent } from '@baton/contracts'
import { Type, type Static } from '@sinclair/typebox'
import { TypeCompiler } from '@sinclair/typebox/compiler'

/** The version of the job shape below. A worker that meets another one hands the job back, for a worker that knows it. */
export const jobVersion = 1

/** An event in a job. The body is its text: it was checked to be valid UTF-8, so text and bytes are the same thing. */
export const StoredEvent = Type.Object({
  id: Type.String(),
  app: Type.Integer(),
  command: Type.String(),
  query: Type.String(),
  receivedAt: Type.Number(),
  eventTime: Type.Union([Type.Integer(), Type.Null()]),
  key: Type.String(),
  body: Type.String(),
  /** Where it stands: journal and sequence number. */
  journal: Type.String(),
  seq: Type.Integer(),
  decision: Type.Optional(EventDecision)
})

export const JobData = Type.Object({
  v: Type.Literal(jobVersion),
  /** None in a job that tells of a lane; at least one in all others. */
  events: Type.Array(StoredEvent),
  /** Intake: the events were in a Redis that lost its data, and may have been delivered. */
  again: Type.Optional(Type.Boolean()),
  /** Intake: the events are routed once more because an operator has ordered it, whatever became of them: the order's id. */
  rewind: Type.Optional(Type.String()),
  /** Intake: they are routed to this target alone. */
  only: Type.Optional(Type.String()),
  /** Deliveries: the event was a dead letter, and is noted as such until it is delivered. */
  revived: Type.Optional(Type.Boolean()),
  /** Deliveries: when the first attempt became due, in ms since 1970; the maximum age counts from here. */
  since: Type.Optional(Type.Number()),
  /** Deliveries: attempts made before this job was split off. */
  attemptsBefore: Type.Optional(Type.Integer()),
  /** Deliveries: the target has rejected the event; the job is to become its dead letter without another attempt. */
  rejected: Type.Optional(Type.String()),
  /** Deliveries: what the target answered, of a dead letter, and of what is to become one. It may repeat what the event holds. */
  answer: Type.Optional(Type.String()),
  /** Deliveries: the key of the event waits for an operator, so it is not settled by becoming a dead letter. */
  blocks: Type.Optional(Type.Boolean()),
  /** The job only tells that there is something to do in this lane of an ordered target. */
  lane: Type.Optional(Type.String())
})
export type JobData = Static<typeof JobData>

const check = TypeCompiler.Compile(JobData)
const fits = (data: unknown): data is JobData => check.Check(data) && (data.events.length > 0) === (data.lane === undefined)

/** The version that a job says it has. */
export const versionOf = (data: unknown): unknown => typeof data === 'object' && data !== null && 'v' in data ? data.v : undefined

/** The data as it was given. Throws where no worker could read it: it is not to be written. */
export function writtenJobData (data: JobData): JobData {
  if (fits(data)) return data
  throw new Error(`a job would be unreadable: ${check.Errors(data).First()?.path ?? 'events or a lane, and not both'}`)
}

/** A job's data, or undefined where it is of another version (or none of ours). */
export const readJobData = (data: unknown): JobData | undefined => fits(data) ? data : undefined

const checkEvent = TypeCompiler.Compile(StoredEvent)

/** An event out of its text; undefined where it is none of ours. */
export function readEvent (text: string): JournalledEvent | undefined {
  const stored: unknown = JSON.parse(text)
  return checkEvent.Check(stored) ? restoreEvent(stored) : undefined
}

export const storeEvent = ({ id, appId, command, query, receivedAt, eventTime, orderingKey, body, journal, seq, decision }: JournalledEvent): Static<typeof StoredEvent> =>
  ({ id, app: appId, command, query, receivedAt, eventTime, key: orderingKey, body: body.toString('utf8'), journal, seq, ...(decision !== undefined && { decision }) })

export const restoreEvent = ({ id, app, command, query, receivedAt, eventTime, key, body, journal, seq, decision }: Static<typeof StoredEvent>): JournalledEvent =>
  ({ id, appId: app, command, query, receivedAt, eventTime, orderingKey: key, body: Buffer.from(body, 'utf8'), journal, seq, ...(decision !== undefined && { decision }) })
