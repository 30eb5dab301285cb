import { isDeepStrictEqual } from 'node:util'
import type { AppsSettings, Logger } from '@baton/runtime'
import { admission } from './admit.ts'
import { decisionsFor, type Decisions } from './decide/decisions.ts'
import type { IngressMetrics } from './ingress-metrics.ts'

/** ms for which endpoints that are asked no more are kept: longer than any decision takes that is under way. */
const farewell = 5_000

export interface AppsOptions {
  metrics: Pick<IngressMetrics, 'decisions' | 'decisionSeconds'>
  log: Logger
}

/** The apps of the relay file, as it is at the moment: whose callbacks are taken, and who decides about them. */
export class Apps implements Pick<Decisions, 'decide' | 'fallBack'> {
  readonly #options: AppsOptions
  #settings: AppsSettings
  #admit: ReturnType<typeof admission>
  #decisions: Decisions
  /** Those of files before. */
  readonly #parting = new Map<Decisions, NodeJS.Timeout>()

  constructor (settings: AppsSettings, options: AppsOptions) {
    this.#options = options
    this.#settings = settings
    this.#admit = admission(settings)
    this.#decisions = decisionsFor(settings, options)
  }

  admit: ReturnType<typeof admission> = (query, now, sender) => this.#admit(query, now, sender)
  decide: Decisions['decide'] = async (event, body, within) => await this.#decisions.decide(event, body, within)
  fallBack: Decisions['fallBack'] = (appId, command) => this.#decisions.fallBack(appId, command)

  /** An app that has tokens. */
  signed (appId: number): AppsSettings[number] | undefined {
    return this.#settings.find(({ sdkAppId, tokens }) => sdkAppId === appId && tokens !== undefined)
  }

  /** What comes from now on is met as the new settings say. False where they say nothing new. */
  replace (settings: AppsSettings): boolean {
    if (isDeepStrictEqual(settings, this.#settings)) return false
    const old = this.#decisions
    this.#settings = settings
    this.#admit = admission(settings)
    this.#decisions = decisionsFor(settings, this.#options)
    this.#parting.set(old, setTimeout(() => {
      this.#parting.delete(old)
      void old.close()
    }, farewell).unref())
    return true
  }

  async close (): Promise<void> {
    for (const timer of this.#parting.values()) clearTimeout(timer)
    await Promise.all([this.#decisions, ...this.#parting.keys()].map(async decisions => { await decisions.close() }))
  }
}
