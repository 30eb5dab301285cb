import { randomUUID } from 'node:crypto'
import type { Event } from '@baton/contracts'

/** A journal whose events stand in an array, for whoever forwards from one. */
export function arrayJournal (...events: Event[]) {
  return {
    id: `j${randomUUID().replaceAll('-', '')}`,
    events,
    /** Everything up to here counts as settled. */
    settled: 0,
    flushed () { return this.events.length },
    settledTo () { return this.settled },
    wasForwarded () { return this.settled > 0 },
    firstSince (time: number) {
      const at = this.events.findIndex(({ receivedAt }) => receivedAt >= time)
      return at < 0 ? this.events.length + 1 : at + 1
    },
    read (after: number, { count }: { count: number }) {
      return this.events.slice(after, after + count).map((event, at) => ({ seq: after + at + 1, event }))
    }
  }
}
