import type { JournalledEvent } from '@baton/contracts'
import { EventView, type ConfiguredTarget } from '@baton/targets'
import type { FilterLog } from './filter-log.ts'
import type { WorkerMetrics } from './worker-metrics.ts'

export interface WishesOptions {
  metrics: { unclear: Pick<WorkerMetrics['unclear'], 'inc'> }
  filterLog: FilterLog
}

/** What the targets want of some events. Each target is asked once about each event, and an event's body is read at most once for all of them. */
export class Wishes {
  readonly #options: WishesOptions
  readonly #views = new Map<JournalledEvent, EventView>()
  readonly #wanted = new Map<ConfiguredTarget, Set<JournalledEvent>>()

  constructor (events: readonly JournalledEvent[], options: WishesOptions) {
    this.#options = options
    for (const event of events) this.#views.set(event, new EventView(event))
  }

  /** Those of the events that the target wants. One for which its filter cannot be evaluated is not wanted, but counted and told. */
  of (target: ConfiguredTarget): ReadonlySet<JournalledEvent> {
    const known = this.#wanted.get(target)
    if (known !== undefined) return known
    const wanted = new Set<JournalledEvent>()
    for (const [event, view] of this.#views) {
      const wish = target.wants(view)
      if (wish.kind === 'wanted') wanted.add(event)
      else if (wish.kind === 'unclear') {
        this.#options.metrics.unclear.inc({ target: target.name })
        this.#options.filterLog(target.name, { event: event.id, command: event.command, problem: wish.problem })
      }
    }
    this.#wanted.set(target, wanted)
    return wanted
  }
}
