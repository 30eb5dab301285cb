import type { Event } from '@baton/contracts'
import type { Mask } from './mask.ts'
import type { Outcome } from './outcome.ts'
import type { Target } from './target.ts'

/** A target that sees events masked. One whose body cannot be read is rejected: nobody can tell what of it is to be masked. */
export const maskedTarget = (target: Target, mask: Mask): Target => ({
  deliver: async (events, context) => {
    const masked = events.map(event => mask(event))
    const readable = masked.filter((event): event is Event => event !== undefined)
    const outcomes = readable.length === 0 ? [] : await target.deliver(readable, context)
    if (outcomes.length !== readable.length) throw new Error(`the target answered ${outcomes.length} outcomes for ${readable.length} events`)
    const next = outcomes.values()
    return masked.map(event => event === undefined ? unreadable : next.next().value ?? unreadable)
  },
  ...target.test !== undefined && { test: target.test.bind(target) },
  close: async () => { await target.close() }
})

const unreadable: Outcome = { kind: 'reject', code: 'mask_unreadable', reason: 'the body is no JSON object in UTF-8, so it cannot be masked, and is not sent as it is' }
