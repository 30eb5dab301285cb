import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Event } from '@baton/contracts'
import type { DiskRoom } from './disk-room.ts'
import { Draft } from './draft.ts'
import { JournalError, messageOf } from './journal-error.ts'
import { heldBytes, type Marks } from './marks.ts'
import type { Store } from './store.ts'
import { WaitingAppend, type WaitingChange } from './waiting-change.ts'

/** Bytes of records that may wait for a commit: 64 MiB. More than that means that the disk hangs. */
const mostWaiting = 64 << 20
/** ms after which a commit counts as stuck. */
const patience = 5000
/** Bytes; what an event usually takes, for foretelling whether the next one is refused. */
const usualSize = 1024

/** Puts all changes that wait into one commit. The next commit starts when the last one has been flushed; there is no timer. */
export class GroupCommit {
  #marks: Marks
  #waiting: WaitingChange[] = []
  #waitingBytes = 0
  #running: Promise<void> | undefined
  #startedAt: number | undefined
  #failure: unknown
  readonly #store: Store
  readonly #room: DiskRoom
  readonly #folder: string
  /** Bytes of all records. What is not settled may take all of it, what is settled gets what is left. */
  readonly #quota: number

  constructor (opened: { store: Store, marks: Marks, room: DiskRoom, folder: string, quota: number }) {
    this.#marks = opened.marks
    this.#store = opened.store
    this.#room = opened.room
    this.#folder = opened.folder
    this.#quota = opened.quota
  }

  /** As of the last flush. */
  get marks (): Marks {
    return this.#marks
  }

  append (event: Event): Promise<number> {
    return new Promise((resolve, reject) => {
      const append = new WaitingAppend(event, resolve, reject)
      if (this.#waitingBytes + append.bytes > mostWaiting) return reject(this.#full('failed', 'does not keep up: too many events wait to be flushed'))
      this.#waitingBytes += append.bytes
      this.#enqueue(append)
    })
  }

  change<T> (apply: (draft: Draft) => T): Promise<T> {
    return new Promise((resolve, reject) => {
      let flushed = () => {}
      this.#enqueue({
        bytes: 0,
        apply (draft) {
          const value = apply(draft)
          flushed = () => resolve(value)
        },
        flushed: () => flushed(),
        reject
      })
    })
  }

  /** Resolves when nothing waits any more. */
  async idle (): Promise<void> {
    while (this.#running !== undefined) await this.#running
  }

  obstacle (): string | undefined {
    if (this.#room.isStale) void this.#room.measure()
    if (this.#failure !== undefined) return this.#full('failed', `could not be written (${messageOf(this.#failure)})`).message
    if (this.#startedAt !== undefined && performance.now() - this.#startedAt > patience) return this.#full('failed', 'waits for its disk').message
    if (heldBytes(this.#marks) + usualSize > this.#quota) return this.#full('quota').message
    if (!this.#room.fits(usualSize) && this.#marks.removable.seq === this.#marks.trimmed.seq) return this.#full('disk').message
    return undefined
  }

  #enqueue (change: WaitingChange): void {
    this.#waiting.push(change)
    // Those that come in the same turn of the event loop share the first commit.
    this.#running ??= nextTurn().then(() => this.#run())
  }

  async #run (): Promise<void> {
    while (this.#waiting.length > 0) {
      this.#startedAt = performance.now()
      try {
        const [next] = this.#waiting
        if (this.#room.isStale || !this.#room.fits(next?.bytes ?? 0)) await this.#room.prepare(next?.bytes)
        await this.#commit()
      } catch (error) {
        this.#refuse(this.#waiting.splice(0), error)
        this.#waitingBytes = 0
      }
      this.#startedAt = undefined
    }
    this.#running = undefined // in the same step as the look at what waits, else one that comes in between waits for ever
  }

  async #commit (): Promise<void> {
    this.#store.refresh()
    const draft = new Draft(this.#store, this.#marks)
    const applied: WaitingChange[] = []
    let taken = 0
    for (const change of this.#waiting) {
      if (draft.isFull) break
      try {
        if (change.bytes > 0 && !this.#makeRoom(draft, change.bytes)) break
        change.apply(draft)
        applied.push(change)
      } catch (error) {
        change.reject(error)
      }
      this.#waitingBytes -= change.bytes
      taken++
    }
    this.#waiting = this.#waiting.slice(taken)
    try {
      if (!draft.isEmpty) {
        await this.#store.write(draft)
        this.#marks = draft.after
        this.#failure = undefined
      }
    } catch (error) {
      return this.#refuse(applied, error)
    }
    for (const change of applied) change.flushed()
  }

  #refuse (changes: readonly WaitingChange[], error: unknown): void {
    this.#failure = error
    this.#room.expire()
    for (const change of changes) change.reject(this.#full('failed', `could not be written (${messageOf(error)})`, error))
  }

  /** Settled records give way to a new one. False: they have to be removed first, in the commit that is being made. */
  #makeRoom (draft: Draft, size: number): boolean {
    if (draft.heldBytes + size > this.#quota) throw this.#full('quota')
    while (draft.unsettledBytes + draft.retainedBytes + size > this.#quota) {
      if (draft.removeOldest(Infinity, () => true) === 0) return false
    }
    if (!this.#room.fits(size)) {
      if (draft.isFull || (this.#room.canGrow && !draft.isEmpty)) return false // before the next commit the file is made longer
      if (!draft.hasRemovable && !draft.isEmpty) return false
      if (!draft.hasRemovable) throw this.#full('disk')
      while (draft.removeOldest(Infinity, () => true) > 0);
      return false
    }
    this.#room.spend(size)
    return true
  }

  #full (reason: 'quota' | 'disk'): JournalError
  #full (reason: 'failed', what: string, cause?: unknown): JournalError
  #full (reason: 'quota' | 'disk' | 'failed', what = '', cause?: unknown): JournalError {
    const message = {
      quota: `The journal in ${this.#folder} is full of events that are not settled yet. See which target lags and mend or pause it, or raise the journal's quota.`,
      disk: `The disk of the journal in ${this.#folder} is nearly full. Free space on it, or move BATON_DATA_DIR to a larger one.`,
      failed: `The journal in ${this.#folder} ${what}. Check the disk's free space and health; if it is sound, restart this process.`
    }[reason]
    return new JournalError('JOURNAL_FULL', message, { reason, ...(cause === undefined ? {} : { cause }) })
  }
}
