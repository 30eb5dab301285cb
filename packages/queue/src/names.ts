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

/** Which events of a journal were routed: one bit for each, in chunks; as the three below, which all begin with what they are where the chunk is ''. */
export const routedKey = (journal: string, chunk: number | ''): string => `${prefix}:routed:${journal}:${chunk}`

/** Of which events of a journal a delivery was put into a target's queue. */
export const placedKey = (journal: string, target: string, chunk: number | ''): string => `${prefix}:placed:${journal}:${target}:${chunk}`

/** Which events of a journal are settled for a target. */
export const settledKey = (journal: string, target: string, chunk: number | ''): string => `${prefix}:settled:${journal}:${target}:${chunk}`

/** Which events of a journal are dead letters of a target. */
export const deadKey = (journal: string, target: string, chunk: number | ''): string => `${prefix}:dead:${journal}:${target}:${chunk}`

/** Of which chunks there are dead letters: a set of `<target>:<chunk>`. */
export const deadChunksKey = (journal: string): string => `${prefix}:dead-chunks:${journal}`

/** How often that has changed, or one of their bitmaps: a number. */
export const deadChangesKey = (journal: string): string => `${prefix}:dead-changes:${journal}`

/** Events of an ordered target that wait in lanes: a hash of `<journal>:<seq>` and the event. */
export const lanedKey = (target: string): string => `${prefix}:laned:${target}`

/** Their bytes: a number. */
export const lanedBytesKey = (target: string): string => `${prefix}:laned-bytes:${target}`

/** The lanes that they wait in: a set. */
export const lanesKey = (target: string): string => `${prefix}:lanes:${target}`

/** One lane: the numbers of its events, sorted. */
export const laneKey = (target: string, lane: string): string => `${prefix}:lane:${target}:${lane}`

/** Who has a lane in hand, and how it stands with its first event: a hash. */
export const laneStateKey = (target: string, lane: string): string => `${prefix}:lane-state:${target}:${lane}`

/** Lanes that wait for an operator: a hash of the event that blocks each, and since when. */
export const blockedLanesKey = (target: string): string => `${prefix}:lanes-blocked:${target}`

/** Up to which number of a journal every event is in the hands of a target, without a gap. */
export const horizonKey = (journal: string, target: string): string => `${prefix}:horizon:${journal}:${target}`

/** Events whose lanes have not been told of them yet: a sorted set of `<key>:<seq>`, by number. */
export const untoldKey = (journal: string, target: string): string => `${prefix}:untold:${journal}:${target}`

/** Up to which number of a journal everything is settled for all targets, and no bitmap says so any more. */
export const settledToKey = (journal: string): string => `${prefix}:settled-to:${journal}`

/** Journals that ever forwarded an event: a hash of the last sign of life of each. */
export const journalsKey = `${prefix}:journals`

/** Which relay file routers route by: since when, its version, and the worker that brought it. */
export const activeRelayKey = `${prefix}:relay`

/** Workers: a hash of the last sign of life of each. */
export const workersKey = `${prefix}:workers`

/** Targets that are retired, or being retired: a hash. */
export const retirementsKey = `${prefix}:retirements`

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
