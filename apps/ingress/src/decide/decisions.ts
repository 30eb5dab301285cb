import { commandFilter, ownDecision, type Decision, type Event, type EventDecision } from '@baton/contracts'
import { firstAfterQuiet, type AppsSettings, type Logger } from '@baton/runtime'
import type { IngressMetrics } from '../ingress-metrics.ts'
import { sparingLog } from '../sparing-log.ts'
import { DecisionEndpoint, failureKinds, type Asked } from './endpoint.ts'

/** What Tencent is told of a before-callback. */
interface Decided {
  /** JSON. */
  answer: string
  /** Where somebody was asked. */
  decision: EventDecision | undefined
}

export interface Decisions {
  /** Never rejects. Takes the event's body as it was parsed, and no longer than `within` ms. */
  decide: (event: Event, body: object, within: number) => Promise<Decided>
  /** What is answered where nobody can be asked, as the callback cannot be read. */
  fallBack: (appId: number, command: string) => Decided
  close: () => Promise<void>
}

/** ms without a fallback after which the next one is an alert again. */
const quiet = 60_000

/** An endpoint, and the commands that it decides about. */
interface Asking {
  endpoint: DecisionEndpoint
  decides: (command: string) => boolean
  /** What Tencent is told where the endpoint has not decided, or its word does not count. */
  otherwise: Decision['verdict']
  alerts: () => boolean
}

/** Has the endpoints of the relay file decide about before-callbacks; where there is none for a command, it is allowed. */
export function decisionsFor (apps: AppsSettings, { metrics, log }: { metrics: Pick<IngressMetrics, 'decisions' | 'decisionSeconds'>, log: Logger }): Decisions {
  const byApp = new Map<number, Asking[]>(apps.map(({ sdkAppId, decisions = [] }) => [sdkAppId, decisions.map(settings => ({
    endpoint: new DecisionEndpoint(settings),
    decides: commandFilter(settings.commands),
    otherwise: settings.mode === 'shadow' ? 'allow' : settings.fallback,
    alerts: firstAfterQuiet(quiet)
  }))]))

  const tell = sparingLog(log)

  // So that the first of each is an increase, from 0.
  for (const [app, asked] of byApp) {
    for (const { endpoint: { settings: { mode } } } of asked) for (const outcome of ['allow', 'deny', ...failureKinds]) metrics.decisions.inc({ app: String(app), mode, outcome }, 0)
  }
  const endpointFor = (appId: number, command: string): Asking | undefined => byApp.get(appId)?.find(({ decides }) => decides(command))

  return {
    async decide (event, body, within) {
      const { appId, command } = event
      const asking = endpointFor(appId, command)
      if (asking === undefined) return { answer: ownDecision(command, body, 'allow').text, decision: undefined }
      const { otherwise, endpoint: { settings: { mode } } } = asking
      const asked = await asking.endpoint.ask(event, body, within)
      if (asked.took > 0) metrics.decisionSeconds.observe({ app: String(appId) }, asked.took / 1_000) // else nobody was asked
      metrics.decisions.inc({ app: String(appId), mode, outcome: 'decision' in asked ? asked.decision.verdict : asked.failure })
      if (mode === 'live' && 'decision' in asked) return { answer: asked.decision.text, decision: { verdict: asked.decision.verdict, by: 'endpoint', ...whatWasSaid(asked) } }
      const { text, verdict } = ownDecision(command, body, otherwise)
      if ('failure' in asked) tellFailure(asking, event, asked, verdict)
      return { answer: text, decision: { verdict, by: mode === 'shadow' ? 'shadow' : 'fallback', ...whatWasSaid(asked) } }
    },
    fallBack (appId, command) {
      return { answer: ownDecision(command, {}, endpointFor(appId, command)?.otherwise ?? 'allow').text, decision: undefined }
    },
    close: async () => { await Promise.all([...byApp.values()].flat().map(async ({ endpoint }) => { await endpoint.close() })) }
  }

  function tellFailure ({ endpoint: { settings: { mode, url } }, alerts }: Asking, { id, appId, command }: Event, { failure, problem }: Extract<Asked, { failure: string }>, verdict: Decision['verdict']): void {
    const told = { event: id, app: appId, command, endpoint: new URL(url).host, mode, failure, problem }
    const answered = `the endpoint did not decide about a before-callback, and Tencent was told to ${verdict}`
    if (alerts()) log.error({ ...told, alert: 'DECISION_FALLBACK' }, `${answered}; look after the endpoint`)
    else tell('warn', failure, told, answered)
  }
}

const whatWasSaid = (asked: Asked): Pick<EventDecision, 'answer' | 'problem' | 'took'> =>
  'decision' in asked ? { answer: asked.decision.text, took: asked.took } : { problem: asked.problem, took: asked.took }
