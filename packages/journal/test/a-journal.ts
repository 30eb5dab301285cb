import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Event } from '@baton/contracts'
import { anEvent } from '@baton/testing'
import type { Test } from 'tap'
import { Measured } from '../src/record.ts'
import { openJournal, type Journal, type JournalOptions } from '../src/index.ts'

/** ms */
export const day = 86_400_000
export const all = { count: Infinity, bytes: Infinity }
export const usual = { unsettledQuota: 1e9, retainedQuota: 1e9, retention: day, minimumFree: 0 }

export function aFolder (t: Test): string {
  const folder = mkdtempSync(join(tmpdir(), 'baton-journal-'))
  t.teardown(() => { rmSync(folder, { recursive: true, force: true }) })
  return folder
}

/** Closed with the test. */
export async function aJournal (t: Test, options: Partial<JournalOptions> = {}): Promise<Journal> {
  const journal = await openJournal({ folder: options.folder ?? aFolder(t), ...usual, ...options })
  t.teardown(() => journal.close())
  return journal
}

/** An event with a body of so many bytes. */
export const ofSize = (bytes: number, fields: { receivedAt?: number } = {}): Event => ({ ...anEvent(fields), body: Buffer.alloc(bytes, 'x') })

/** Bytes of its record. */
export const bytesOf = (event: Event): number => new Measured(event).bytes

/** Numbers from 0 to 1 that are the same at every run. */
export function seeded (seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 32
  }
}
