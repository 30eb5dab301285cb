import { CommandPattern, commandFilter } from '@baton/contracts'
import type { RelayDocument } from '@baton/runtime'
import { Type, type StaticDecode, type TObject } from '@sinclair/typebox'
import type { EventView } from './event-view.ts'
import { filtered, readFilter, wanted, type Wish } from './filter.ts'
import { MaskKey, MaskRule, maskOf, problemOfMasked } from './mask.ts'
import { maskedTarget } from './masked-target.ts'
import { OutcomeRules, problemsOfOutcomes, readOutcomes } from './outcome-rules.ts'
import type { Outcome } from './outcome.ts'
import type { Target, TargetType } from './target.ts'

/** What a target wants and sees, and what its answers mean: settings of every target. */
export const RoutingSettings = {
  commands: Type.Optional(Type.Array(CommandPattern, { minItems: 1, description: 'Which commands the target wants. Left out: all after-commands.' })),
  filter: Type.Optional(Type.String({
    minLength: 1,
    maxLength: 4_000,
    description: 'Which events of these commands it wants: a condition in CEL, see docs/routing.md. An event for which it cannot be evaluated is not wanted.',
    examples: ['groupType == "Community" && !(query.OptPlatform == "RESTAPI")']
  })),
  mask: Type.Optional(Type.Array(MaskRule, { minItems: 1, maxItems: 100, description: 'What is dropped or hashed of each event before it leaves, see docs/routing.md.' })),
  maskKey: Type.Optional(MaskKey),
  outcomes: Type.Optional(OutcomeRules)
}
type RoutingSettings = StaticDecode<TObject<typeof RoutingSettings>>

export interface Routing {
  wants: (event: EventView) => Wish
  /** The target as it is to be used: what it sees is masked. */
  masked: (target: Target) => Target
  /** What an outcome is taken to mean. */
  meant: (outcome: Outcome) => Outcome
}

/** Looks at what the schema has let through; problems are left in the document. */
export function readRouting (document: RelayDocument, path: readonly string[], settings: RoutingSettings, type: TargetType): Routing {
  const { commands, filter, mask, maskKey, outcomes } = settings
  const wantsCommand = commandFilter(commands)
  const condition = filter === undefined ? undefined : conditionOf(document, path, filter)
  checkMask(document, path, settings)
  for (const { code, text } of outcomes === undefined ? [] : problemsOfOutcomes(outcomes, type.type, type.outcomes)) {
    document.problem([...path, 'outcomes', code], `${path.join('.')}.outcomes.${code}: ${text}`)
  }
  return {
    wants: event => !wantsCommand(event.command) ? filtered : condition === undefined ? wanted : condition(event),
    masked: target => mask === undefined || maskKey === undefined ? target : maskedTarget(target, maskOf(mask, maskKey)),
    meant: outcomes === undefined ? outcome => outcome : readOutcomes(outcomes)
  }
}

function conditionOf (document: RelayDocument, path: readonly string[], expression: string): ((event: EventView) => Wish) | undefined {
  const read = readFilter(expression)
  if ('filter' in read) return read.filter
  const { at, text } = read.problem
  document.problem([...path, 'filter'], `${path.join('.')}.filter: ${text}`, at)
  return undefined
}

function checkMask (document: RelayDocument, path: readonly string[], { mask, maskKey }: RoutingSettings): void {
  const spelled = path.join('.')
  if (mask !== undefined && maskKey === undefined) document.problem([...path, 'mask'], `${spelled}.mask: needs maskKey as well, for hashes and for the ordering keys of what is masked; openssl rand -hex 32 makes one`)
  if (mask === undefined && maskKey !== undefined) document.problem([...path, 'maskKey'], `${spelled}.maskKey: does nothing without mask`)
  for (const [at, { field }] of (mask ?? []).entries()) {
    const problem = problemOfMasked(field)
    if (problem !== undefined) document.problem([...path, 'mask', at, 'field'], `${spelled}.mask[${at}].field: ${problem}`)
  }
}
