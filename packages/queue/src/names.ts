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

/** What is at the gate before a target: a hash. */
export const gateKey = (target: string): string => `${prefix}:gate:${target}`

/** How far a journal's events are in intake: a sequence number. */
export const pointerKey = (journal: string): string => `${prefix}:pointer:${journal}`

/** Ids of events that came to be routed in a period of time: a hash of id and position. */
export const seenKey = (period: number): string => `${prefix}:seen:${period}`

/** Which events of a journal were routed: one bit for each, in chunks; as the three below. */
export const routedKey = (journal: string, chunk: number): string => `${prefix}:routed:${journal}:${chunk}`

/** Of which events of a journal a delivery was put into a target's queue. */
export const placedKey = (journal: string, target: string, chunk: number): string => `${prefix}:placed:${journal}:${target}:${chunk}`

/** Which events of a journal are settled for a target. */
export const settledKey = (journal: string, target: string, chunk: number): string => `${prefix}:settled:${journal}:${target}:${chunk}`

/** Which events of a journal are dead letters of a target. */
export const deadKey = (journal: string, target: string, chunk: number): string => `${prefix}:dead:${journal}:${target}:${chunk}`

/** Of which chunks there are dead letters: a set of `<target>:<chunk>`. */
export const deadChunksKey = (journal: string): string => `${prefix}:dead-chunks:${journal}`

/** How often that has changed, or one of their bitmaps: a number. */
export const deadChangesKey = (journal: string): string => `${prefix}:dead-changes:${journal}`

/** Journals that ever forwarded an event: a hash of the last sign of life of each. */
export const journalsKey = `${prefix}:journals`

/** What forwarders must know of targets: a hash of each one's limits. */
export const targetLimitsKey = `${prefix}:target-limits`

/** Targets that get no more deliveries until they have caught up: a hash of the time since when. */
export const laggingKey = `${prefix}:lagging`

/** How many events were dropped for each target: a hash. */
export const droppedKey = `${prefix}:dropped`

/** Orders to rewind journals: a hash, by the order's id. */
export const rewindsKey = `${prefix}:rewinds`

/** What each journal does about an order: a hash. */
export const rewindKey = (rewind: string): string => `${prefix}:rewind:${rewind}`

/** How far a journal's events were rewound: a sequence number. */
export const rewindCursorKey = (rewind: string, journal: string): string => `${prefix}:rewind:${rewind}:${journal}`

/** Where in a journal a target begins that came later: a hash of `<target>:<journal>` and a sequence number. */
export const targetStartsKey = `${prefix}:target-starts`

/** What callbacks had that their documentation does not say: a hash, by deviation. */
export const driftKey = `${prefix}:drift`

/** How often there was something else, for which there was no room: a number and a time. */
export const unlistedDriftKey = `${prefix}:drift:unlisted`

/** What an ingress has brought there last: a number, and what came of it. */
export const driftWrittenKey = (writer: string): string => `${prefix}:drift:written:${writer}`

/** There while somebody watches events as they are routed. */
export const tailsKey = `${prefix}:tails`

/** Where routed events are published while that is so. */
export const tailChannel = `${prefix}:tail`

/** A stream of callbacks that were not relayed. */
export const quarantineKey = (quarantine: string): string => `${prefix}:${quarantine}`

/** Its bytes, and how many entries were evicted from it: a hash. */
export const quarantineCountsKey = (quarantine: string): string => `${prefix}:${quarantine}:counts`

/** How many entries a writer has brought into it: a number. */
export const quarantineWrittenKey = (quarantine: string, writer: string): string => `${prefix}:${quarantine}:written:${writer}`

/** The id of the intake job with these events of a journal. Prefixed, since a BullMQ job must never be called like one of its queue's own keys. */
export const intakeJobId = (journal: string, from: number, to: number): string => `i-${journal}-${from}-${to}`

/** The same of events that are routed once more. */
export const rewindJobId = (rewind: string, journal: string, from: number, to: number): string => `${rewind}-${journal}-${from}-${to}`

/**
 * The id of a delivery of these events; of a single event it tells the event, so that its dead letter is found by it.
 * @param rewind sets a delivery of several apart from one that may still be under way
 */
export const deliveryJobId = (eventIds: readonly string[], rewind = ''): string => `d-${joined(eventIds, rewind)}`

/** Several events are named by a digest of all their ids: two batches that share some events are two jobs. */
const joined = (ids: readonly string[], rewind: string): string =>
  ids.length === 1 ? String(ids[0]) : createHash('sha256').update(rewind + ids.join()).digest('hex')
