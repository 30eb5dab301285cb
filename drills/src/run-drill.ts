import type { Check, Drill } from './drill.ts'
import { OutOfTime } from './patience.ts'
import type { PrivatePostgres } from './private-postgres.ts'
import { Rig } from './rig.ts'
import { Warehouse } from './warehouse.ts'

export interface DrillResult {
  drill: string
  title: string
  acked: number
  delivered: number
  lost: number
  /** The first of them. */
  lostIds: string[]
  repeats: number
  /** Most repeats that the faults excuse; null where any number is. */
  repeatsBound: number | null
  refused: number
  unanswered: number
  /** Events in PostgreSQL; null where it was no target. */
  rows: number | null
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
  /** ms for what is still on its way at the end; all the time that is left, if left out. */
  grace?: number
  /** Without PostgreSQL, whatever the rate, and does not wait until the journals note that all is settled, which may take as long as a job's lock. */
  hasty?: boolean
  /** Undefined where this machine has none. */
  postgres?: PrivatePostgres | undefined
}

/** Callbacks a second, at the least, while things are broken. */
const leastRate = 1_000

/** Runs one drill in a rig of its own, and judges it. */
export async function runDrill (drill: Drill, { wanted, hasty = false, postgres, ...scale }: Scale): Promise<DrillResult> {
  const started = performance.now()
  const { few, patience = 60_000, warehouse: needsWarehouse = false, excused = [] } = drill
  const warehouse = needsWarehouse && !hasty && postgres !== undefined ? await Warehouse.open(postgres) : undefined
  const rig = await Rig.open({ ...scale, wanted: few ?? wanted, patience, warehouse })
  const checks: Check[] = []
  let error: string | null = null
  try {
    checks.push(...await drill.run(rig))
  } catch (thrown) {
    error = thrown instanceof OutOfTime ? thrown.message : thrown instanceof Error ? thrown.stack ?? thrown.message : String(thrown)
  }
  let keep = true
  try {
    await rig.quiet()
    await rig.drained()
    const { ledger } = rig
    if (!hasty && error === null && ledger.lost === 0) checks.push(await noted(rig))
    if (!hasty && few === undefined) checks.push({ what: `callbacks came at ${ledger.rate} a second`, holds: ledger.rate >= leastRate })
    checks.push({ what: `nothing else arrives, nor with another body (${ledger.strange.length} events)`, holds: ledger.strange.length === 0 })
    if (needsWarehouse && !hasty) checks.push(warehouse === undefined ? noPostgres : await warehouse.compare(ledger))
    const { acked, delivered, lost, missing, repeats, refused, unanswered, longestAck } = ledger
    const repeatsBound = excused.includes('repeats') ? null : ledger.boundOf(rig.faults)
    const passed = error === null && lost === 0 && acked >= rig.wanted && repeats <= (repeatsBound ?? Infinity) &&
      (refused === 0 || excused.includes('refused')) && checks.every(({ holds }) => holds)
    keep = !passed
    return {
      drill: drill.number,
      title: drill.title,
      acked,
      delivered,
      lost,
      lostIds: missing.slice(0, 5),
      repeats,
      repeatsBound,
      refused,
      unanswered,
      rows: await warehouse?.count() ?? null,
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

const noPostgres: Check = { what: 'NOT COMPARED: there is no PostgreSQL on this machine; install one (apt-get install postgresql, brew install postgresql)', holds: false }

/** Whether the journals come to know that all is settled. */
async function noted (rig: Rig): Promise<Check> {
  try {
    const unsettled = await rig.unsettled()
    return unsettled === undefined
      ? { what: 'no time to see whether the journals note that all is settled', holds: true }
      : { what: `the journals note that all is settled (${unsettled} are not)`, holds: unsettled === 0 }
  } catch (error) {
    return { what: `the ingresses tell what is settled (${String(error)})`, holds: false }
  }
}
