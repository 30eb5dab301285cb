import { CommandPattern, commandFilter, isBeforeCommand, knownCommands } from '@baton/contracts'
import { Type, type StaticDecode } from '@sinclair/typebox'
import { Duration } from './duration.ts'
import { didYouMean } from './near-name.ts'
import { NetworkSettings } from './network-settings.ts'
import { ReceiverUrl, problemOfReceiverUrl } from './receiver-url.ts'
import type { RelayDocument } from './relay-document.ts'
import { StyleSettings, styleProblem } from './style-settings.ts'

/** Who decides about which before-callbacks of an app. */
export const DecisionSettings = Type.Object({
  commands: Type.Array(CommandPattern, { minItems: 1, description: 'The before-commands that it decides about. Of several endpoints the first that matches is asked; where none does, Baton allows.' }),
  ...StyleSettings.properties,
  url: ReceiverUrl('Who is asked: an http or https URL.'),
  ...NetworkSettings.properties,
  deadline: Duration({ default: '1500ms', description: 'How long Baton waits for the answer, at most 1800ms, since Tencent waits for 2 s.' }),
  fallback: Type.Union([Type.Literal('allow'), Type.Literal('deny')], { default: 'allow', description: 'What Tencent is told where the endpoint does not answer in time, or not as its command asks for.' }),
  mode: Type.Union([Type.Literal('live'), Type.Literal('shadow')], { default: 'live', description: 'shadow: the endpoint is asked and its answer recorded, but Tencent is told to allow.' }),
  concurrency: Type.Integer({ minimum: 1, maximum: 10_000, default: 256, description: 'Most calls at once, in one ingress; as many again wait for a place.' })
}, { additionalProperties: false })
export type DecisionSettings = StaticDecode<typeof DecisionSettings>

/** What one field alone does not tell. */
export function checkDecisions (document: RelayDocument, app: number): void {
  const { properties } = DecisionSettings
  const hiding: string[] = []
  for (let at = 0; at < document.length(['apps', app, 'decisions']); at++) {
    const place = ['apps', app, 'decisions', at]
    const spelled = `apps[${app}].decisions[${at}]`
    const commands = document.part([...place, 'commands'], properties.commands) ?? []
    commands.forEach((pattern, nth) => {
      if (beforeCommands([pattern]).length === 0) document.problem([...place, 'commands', nth], `${spelled}.commands[${nth}]: ${JSON.stringify(pattern)} ${strange(pattern)}`)
    })
    const asked = beforeCommands(commands)
    if (asked.length > 0 && asked.every(commandFilter(hiding))) document.problem([...place, 'commands'], `${spelled}.commands: all that they match is decided by entries before it, so this one would never be asked; put it first, or remove it`)
    hiding.push(...commands)
    const deadline = document.part([...place, 'deadline'], properties.deadline)
    if (deadline !== undefined && (deadline < 10 || deadline > 1_800)) document.problem([...place, 'deadline'], `${spelled}.deadline: must lie between 10ms and 1800ms`)
    const url = document.part([...place, 'url'], properties.url)
    const { network = 'any' } = document.part(place, NetworkSettings) ?? {} // what is no network at all is told of as that
    const urlProblem = url === undefined ? undefined : problemOfReceiverUrl(url, network)
    if (urlProblem !== undefined) document.problem([...place, 'url'], `${spelled}.url: ${urlProblem}`)
    const style = document.part(place, StyleSettings)
    const [setting, problem] = style === undefined ? [] : styleProblem(style) ?? []
    if (setting !== undefined) document.problem([...place, setting], `${spelled}.${setting}: ${problem}`)
  }
}

const knownBefore = knownCommands.filter(command => isBeforeCommand(command))

/** The before-commands that patterns match, as far as Baton knows them. */
const beforeCommands = (patterns: readonly string[]): string[] => knownBefore.filter(commandFilter(patterns))

const strange = (pattern: string): string => pattern.includes('*')
  ? 'matches no before-command; these have .CallbackBefore or .CallbackPrev in their names'
  : `is no before-command that Baton knows${didYouMean(pattern, knownBefore) || '.'} One that is newer is matched by a pattern such as Group.CallbackBefore*`
