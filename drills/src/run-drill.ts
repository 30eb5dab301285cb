import type { Check, Drill } from './drill.ts'
import { OutOfTime, Rig } from './rig.ts'

export interface DrillResult {
  drill: string
  title: string
  acked: number
  delivered: number
  lost: number
  /** The first of them. */
  lostIds: string[]
  repeats: number
  /** Most repeats that the faults excuse; null where it cannot be told. */
  repeatsBound: number | null
  refused: number
  unanswered: number
  /** In ms. */
  longestAck: number
  seconds: number
  checks: Check[]
  /** What ended the drill early. */
  error: string | null
  passed: boolean
  /** What it left, where it failed. */
  folder: string | null
}

export interface Scale {
  wanted: number
  rate: number
  /** How often a process is killed or stopped. */
  times: number
  /** Sabotage, to see it noticed: the recorder does not note the nth event. */
  forget?: number
  /** ms that a drill may take: a minute, if left out. */
  patience?: number
  /** ms of them for what is still on its way at the end. */
  grace?: number
  /** Does not wait until the journals note that all is settled, which may take as long as a job's lock. */
  hasty?: boolean
}

/** Runs one drill in a rig of its own, and judges it. */
export async function runDrill (drill: Drill, { wanted, patience = 60_000, hasty = false, ...scale }: Scale): Promise<DrillResult> {
  const started = performance.now()
  const rig = await Rig.open({ ...scale, wanted: drill.few ?? wanted, patience })
  let checks: Check[] = []
  let error: string | null = null
  try {
    checks = await drill.run(rig)
  } catch (thrown) {
    error = thrown instanceof OutOfTime ? thrown.message : thrown instanceof Error ? thrown.stack ?? thrown.message : String(thrown)
  }
  let keep = true
  try {
    await rig.drained()
    const unsettled = !hasty && error === null && rig.ledger.missing.length === 0 ? await rig.unsettled() : undefined
    checks.push({ what: unsettled === undefined ? 'no time to see whether the journals note that all is settled' : `the journals note that all is settled (${unsettled} are not)`, holds: unsettled === undefined || unsettled === 0 })
    const { acked, delivered, missing, repeats, refused, unanswered, longestAck } = rig.ledger
    const repeatsBound = rig.faults.length === 0 ? null : rig.ledger.boundOf(rig.faults)
    const passed = error === null && missing.length === 0 && acked >= rig.wanted && (repeatsBound === null || repeats <= repeatsBound) && checks.every(({ holds }) => holds)
    keep = !passed
    return {
      drill: drill.number,
      title: drill.title,
      acked,
      delivered,
      lost: missing.length,
      lostIds: missing.slice(0, 5),
      repeats,
      repeatsBound,
      refused,
      unanswered,
      longestAck,
      seconds: Math.round((performance.now() - started) / 1_000),
      checks,
      error,
      passed,
      folder: passed ? null : rig.folder
    }
  } finally {
    await rig.close({ keep })
  }
}
