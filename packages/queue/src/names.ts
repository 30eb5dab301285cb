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

/** The id of an intake job with these events. Prefixed, since a BullMQ job must never be called like one of its queue's own keys. */
export const intakeJobId = (eventIds: readonly string[]): string => `i-${joined(eventIds)}`

/** The id of a delivery of these events; of a single event it tells the event, so that its dead letter is found by it. */
export const deliveryJobId = (eventIds: readonly string[]): string => `d-${joined(eventIds)}`

/** Several events are named by a digest of all their ids: two batches that share some events are two jobs. */
const joined = (ids: readonly string[]): string =>
  ids.length === 1 ? String(ids[0]) : createHash('sha256').update(ids.join()).digest('hex')
