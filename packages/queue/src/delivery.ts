import type { JournalledEvent } from '@baton/contracts'
import { jobVersion, restoreEvent, storeEvent, type JobData } from './job-data.ts'

/** One or more events on their way to one target. */
export interface Delivery {
  target: string
  events: JournalledEvent[]
  /** When its first attempt became due, in ms since 1970. */
  since: number
  /** Attempts made so far, those before a split included. */
  attempts: number
  /** Why the target will never take it; set where the delivery only has to become a dead letter. */
  rejected?: string | undefined
  /** With `rejected`: what the target answered. */
  answer?: string | undefined
  /** ms until it may be tried; at once if left out. */
  delay?: number
  /** The event was a dead letter, and is noted as such until it is delivered. */
  revived?: boolean
  /** The operator's order that brings the events once more. */
  rewind?: string | undefined
  /** The target wants events of one key in their order: those that have a key wait in lanes. */
  ordered?: boolean
  /** Its key waits for an operator, so the event is not settled by becoming a dead letter. */
  blocks?: boolean
}

export const deliveryData = ({ events, since, attempts, rejected, answer, revived, blocks }: Delivery): JobData => ({
  v: jobVersion,
  events: events.map(storeEvent),
  since,
  ...(attempts > 0 && { attemptsBefore: attempts }),
  ...(rejected !== undefined && { rejected }),
  ...(answer !== undefined && { answer }),
  ...(revived === true && { revived }),
  ...(blocks === true && { blocks })
})

/** @param attemptsMade attempts of the job itself */
export const deliveryOf = (target: string, data: JobData, attemptsMade: number): Delivery => ({
  target,
  events: data.events.map(restoreEvent),
  since: data.since ?? Date.now(),
  attempts: (data.attemptsBefore ?? 0) + attemptsMade,
  rejected: data.rejected,
  ...(data.answer !== undefined && { answer: data.answer }),
  ...(data.revived === true && { revived: true }),
  ...(data.blocks === true && { blocks: true })
})
