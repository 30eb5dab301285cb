import { ringAllLanes, ringForgottenLanes, ringLanes, type Queues } from '@baton/queue'

/** ms between two looks at what nobody was told of. */
const interval = 1_000

/** Tells of the lanes of an ordered target what there is to deliver: at once after routing, and once a second for those whose router has died. */
export class LaneBell {
  readonly #queues: Queues
  readonly #target: string
  readonly #due = new Set<string>()
  #ringing: Promise<void> | undefined
  #looking: Promise<void> | undefined
  #cursor = '0'
  readonly #timer: NodeJS.Timeout

  constructor (queues: Queues, target: string) {
    this.#queues = queues
    this.#target = target
    this.#timer = setInterval(() => { this.#look() }, interval)
  }

  /** Several that come while it is at work are one. What fails is done by the next look. */
  ring (journal: string): void {
    this.#due.add(journal)
    this.#ringing ??= this.#ringDue().catch(() => {}).finally(() => { this.#ringing = undefined })
  }

  async close (): Promise<void> {
    clearInterval(this.#timer)
    await Promise.all([this.#ringing, this.#looking])
  }

  async #ringDue (): Promise<void> {
    for (let [journal] = this.#due; journal !== undefined; [journal] = this.#due) {
      this.#due.delete(journal)
      await ringLanes(this.#queues, this.#target, journal)
    }
  }

  #look (): void {
    if (this.#looking !== undefined || this.#queues.redis.status !== 'ready') return
    this.#looking = this.#lookAround().catch(() => {}).finally(() => { this.#looking = undefined })
  }

  async #lookAround (): Promise<void> {
    await ringAllLanes(this.#queues, this.#target)
    this.#cursor = await ringForgottenLanes(this.#queues, this.#target, this.#cursor)
  }
}
