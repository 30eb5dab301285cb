import { createHash } from 'node:crypto'

/**
 * Every string that Baton leaves in Redis. Keys of one partition share the hash tag `{p}`, so that Redis Cluster keeps them on
 * one node and a MULTI may span them. BullMQ's own keys are `baton:{p}:<queue>:...`.
 */
const partition = 0

export const prefix = `baton:{${partition}}`

/** The queue between ingress and router. */
export const intakeQueue = 'intake'

/** The queue of one target. */
export const targetQueue = (target: string): string => `to-${target}`

/** A key that readiness probes write. */
export const probeKey = `${prefix}:probe`

/** A set with the names of all targets that ever had a worker. */
export const targetsKey = `${prefix}:targets`

/** How far a journal's events are in intake: a sequence number. */
export const pointerKey = (journal: string): string => `${prefix}:pointer:${journal}`

/** Ids of events that were routed in a period of time: a hash of id and position. */
export const seenKey = (period: number): string => `${prefix}:seen:${period}`

/** Which events of a journal are settled for a target: one bit for each, in chunks. */
export const settledKey = (journal: string, target: string, chunk: number): string => `${prefix}:settled:${journal}:${target}:${chunk}`

/** Journals that ever forwarded an event, with the time of their last sign of life. */
export const journalsKey = `${prefix}:journals`

/** Where in a journal a target begins that came later: a hash of `<target>:<journal>` and a sequence number. */
export const targetStartsKey = `${prefix}:target-starts`

/** A stream of callbacks that were not relayed. */
export const quarantineKey = (quarantine: string): string => `${prefix}:${quarantine}`

/** Its bytes, and how many entries were evicted from it: a hash. */
export const quarantineCountsKey = (quarantine: string): string => `${prefix}:${quarantine}:counts`

/** How many entries a writer has brought into it: a number. */
export const quarantineWrittenKey = (quarantine: string, writer: string): string => `${prefix}:${quarantine}:written:${writer}`

/** The id of the intake job with these events of a journal. Prefixed, since a BullMQ job must never be called like one of its queue's own keys. */
export const intakeJobId = (journal: string, from: number, to: number): string => `i-${journal}-${from}-${to}`

/** The id of a delivery of these events; of a single event it tells the event, so that its dead letter is found by it. */
export const deliveryJobId = (eventIds: readonly string[]): string => `d-${joined(eventIds)}`

/** Several events are named by a digest of all their ids: two batches that share some events are two jobs. */
const joined = (ids: readonly string[]): string =>
  ids.length === 1 ? String(ids[0]) : createHash('sha256').update(ids.join()).digest('hex')
