import type { Event } from '@baton/contracts'
import type { Logger } from '@baton/runtime'
import { Type, type Static, type StaticDecode, type TObject, type TProperties } from '@sinclair/typebox'
import { Value } from '@sinclair/typebox/value'
import type { GroupState } from './import/group-state.ts'
import type { LeftOut } from './left-out.ts'
import { unlisted, type OutcomeTable } from './outcome-table.ts'
import type { Outcome } from './outcome.ts'

export interface DeliveryContext {
  /** Aborted when the delivery's time is up or the worker must let go. */
  signal: AbortSignal
  /** 1 for the first attempt. */
  attempt: number
}

/** A group as it was at some time. */
export interface GroupAtTime {
  appId: number
  /** In ms since 1970. */
  at: number
  state: GroupState
  /** The JSON that the state was read from. */
  text: string
}

/** A downstream destination, open. */
export interface Target {
  /**
   * Brings events to the destination, no more at once than `together` of its definition, and answers one outcome for each, in their order.
   * Throwing means something unexpected: every event is retried.
   */
  deliver: (events: readonly Event[], context: DeliveryContext) => Promise<Outcome[]>
  /**
   * Asks whether the destination would take events, and leaves none there; a receiver of callbacks may get one of the command `Baton.Test`, under this id and for this app.
   * Left out where there is nothing to ask.
   */
  test?: (context: { signal: AbortSignal, appId: number, id: string }) => Promise<Outcome>
  /**
   * Takes groups as they were before any event, some hundreds at once, and answers one outcome for each, in their order; the same again changes nothing.
   * Left out where there is nothing that could take them.
   */
  load?: (groups: readonly GroupAtTime[], context: { signal: AbortSignal }) => Promise<Outcome[]>
  /** Lets go of connections; deliveries have ended before. */
  close: () => Promise<void>
}

export interface OpenContext {
  /** The target's name in the relay file. */
  name: string
  log: Logger
  /** Where the embedded PostgreSQL listens; for `url: embedded`. */
  embeddedPostgresPort: number
  /** Deliveries in flight at once; for sizing pools. */
  concurrency: number
  /** How long one attempt may take, in ms; for limits of its own, where `signal` cannot reach. */
  timeout: number
}

/** What is wrong with a setting that its schema cannot tell: the setting, and a sentence without its value. */
export type SettingProblem = readonly [setting: string, problem: string]

/** What is found in settings: the steps from the target to the place, and a sentence without their values. */
export interface Finding {
  at: (string | number)[]
  problem: string
  /** Which character of the text that stands there, from 0, where it is known as exactly. */
  character?: number
}

/** What operators are shown of a target. */
export const TargetDescription = Type.Object({
  /** Where events go; without user, password and query. */
  to: Type.Optional(Type.String()),
  /** Whether the receiver can tell deliveries from forgeries; left out where it needs no signature. */
  signed: Type.Optional(Type.Boolean())
})
export type TargetDescription = Static<typeof TargetDescription>

/** A kind of target, as its own folder defines it: its settings beyond those that every target has, and how it is opened. */
export interface TargetDefinition<S extends TObject> {
  type: string
  settings: S
  /** Most events that `deliver` is given at once; 1, which is the default, for a destination that takes them one by one. */
  together?: number
  /** Every code that its outcomes can have, for docs/outcomes.md and for the `outcomes` of the relay file. Left out: any. */
  outcomes?: OutcomeTable
  /** Looks at what the schema has let through. */
  problemOf?: (settings: StaticDecode<S>) => SettingProblem | undefined
  /** Looks at the same, for settings of which many things may be wrong at once, at any depth. `doubts`: what fits, and is hardly meant. */
  findingsOf?: (settings: StaticDecode<S>) => { problems: Finding[], doubts: Finding[] }
  /** Whether it writes to the PostgreSQL that Baton runs itself. */
  needsEmbeddedPostgres?: (settings: StaticDecode<S>) => boolean
  /** Commands that it is never given, as its settings say. Left out: none. */
  leavesOut?: (settings: StaticDecode<S>) => LeftOut | undefined
  /** What operators are shown of it. */
  describe?: (settings: StaticDecode<S>) => TargetDescription
  /** Resolves at once: connecting, creating tables and the like happen with the first delivery, whose outcome then tells of trouble. */
  open: (settings: StaticDecode<S>, context: OpenContext) => Target
}

/** A target whose settings were read. */
export interface Configured<T = Target | Promise<Target>> {
  /** What is wrong with them. */
  problems: Finding[]
  /** What fits, and is hardly meant. */
  doubts?: readonly Finding[]
  needsEmbeddedPostgres: boolean
  /** Most events that `deliver` is given at once. */
  together: number
  description: TargetDescription
  leavesOut?: LeftOut
  /** Of a target that is brought along: the type that it gives itself. */
  ownType?: string
  open: (context: OpenContext) => T
}

/** A kind of target, as the relay file meets it. */
export interface TargetType {
  readonly type: string
  readonly settings: { properties: TProperties }
  readonly outcomes: OutcomeTable
  /**
   * Reads the settings as they stand in a file, which their schema has let through; those that are none of its own are passed over.
   * What they name is seen from the folder of that file.
   */
  configure: (written: object, folder: string) => Configured | Promise<Configured>
}

export const defineTarget = <S extends TObject>(definition: TargetDefinition<S>): TargetDefinition<S> & { outcomes: OutcomeTable, configure: (written: object) => Configured<Target> } => ({
  outcomes: unlisted,
  ...definition,
  configure: written => {
    const own = Object.fromEntries(Object.entries(written).filter(([name]) => Object.hasOwn(definition.settings.properties, name)))
    const settings = Value.Decode(definition.settings, Value.Default(definition.settings, own))
    const problem = definition.problemOf?.(settings)
    const { problems, doubts } = definition.findingsOf?.(settings) ?? { problems: [], doubts: [] }
    const leavesOut = definition.leavesOut?.(settings)
    return {
      problems: [...problem === undefined ? [] : [{ at: [problem[0]], problem: problem[1] }], ...problems],
      doubts,
      needsEmbeddedPostgres: definition.needsEmbeddedPostgres?.(settings) ?? false,
      together: definition.together ?? 1,
      description: problem === undefined ? definition.describe?.(settings) ?? {} : {},
      ...leavesOut !== undefined && { leavesOut },
      open: context => definition.open(settings, context)
    }
  }
})
