import type { Event } from '@baton/contracts'
import { Type } from '@sinclair/typebox'
import { delivered } from '../outcome.ts'
import { defineTarget } from '../target.ts'

const kept = new Map<string, Event[]>()

/** The events that the memory target of this name has got in this process, oldest first, repeats included. */
export const eventsInMemory = (name: string): readonly Event[] => kept.get(name) ?? []

/** Keeps events in the worker's own memory, for tests and examples. */
export const memory = defineTarget({
  type: 'memory',
  together: 1_000,
  settings: Type.Object({
    limit: Type.Integer({ minimum: 1, maximum: 1_000_000, default: 1_000, description: 'How many events are kept; older ones are forgotten.' })
  }),
  outcomes: { rows: [] },
  open: ({ limit }, { name }) => {
    const events: Event[] = []
    kept.set(name, events)
    return {
      deliver: async arrived => {
        events.push(...arrived)
        if (events.length > limit) events.splice(0, events.length - limit)
        return arrived.map(() => delivered)
      },
      close: async () => { kept.delete(name) }
    }
  }
})
