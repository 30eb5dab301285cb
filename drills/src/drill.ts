import type { Rig } from './rig.ts'

/** Something that must hold besides that nothing is lost. */
export interface Check {
  what: string
  holds: boolean
}

export interface Drill {
  /** Its fixed number. */
  number: string
  title: string
  /** Breaks things while callbacks come, and leaves everything running at the end; whether all arrives is judged afterwards. */
  run: (rig: Rig) => Promise<Check[]>
  /** Callbacks that are to be acknowledged, where the drill cannot have as many as others; nor do these come at a rate. */
  few?: number
  /** PostgreSQL is a second target, and its tables must hold exactly what was acknowledged. */
  warehouse?: boolean
  /** What its faults may bring about: callbacks that are refused, and repeats at the webhook beyond what was not settled. */
  excused?: readonly ('refused' | 'repeats')[]
  /** ms that it may take: a minute, if left out. */
  patience?: number
}
