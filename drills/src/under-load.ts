import type { BatonProcess } from './baton-process.ts'
import type { Check } from './drill.ts'
import type { Rig } from './rig.ts'
import type { SenderOptions } from './sender-options.ts'

export interface UnderLoad {
  /** How many there are; one, if left out. */
  ingresses?: number
  /** Settings of the webhook, besides the usual ones. */
  webhook?: object
  /** ms until the webhook answers, so that there is always something in hand. */
  latency?: number
  /** Settings of all processes, of the ingresses, and of the worker. */
  env?: Record<string, string>
  ingressEnv?: Record<string, string>
  workerEnv?: Record<string, string>
  /** Where callbacks are sent, if not to the ingresses themselves. */
  to?: (urls: readonly string[]) => Promise<string>
  load?: Partial<Pick<SenderOptions, 'mode' | 'padding'>>
  /** Whether callbacks that get no answer fail the drill. */
  answersAll?: boolean
}

export interface Relay {
  /** The first one. */
  ingress: BatonProcess
  ingresses: readonly BatonProcess[]
  worker: BatonProcess
}

/** The frame of most drills: a relay is started, callbacks come, something is broken and mended, and they come until enough are acknowledged. */
export async function underLoad (rig: Rig, given: UnderLoad, breakAndMend: (relay: Relay) => Promise<Check[] | void>): Promise<Check[]> {
  const { ingresses: count = 1, webhook = {}, latency = 0, env = {}, to, load = {} } = given
  const ingressEnv = { ...env, ...given.ingressEnv }
  rig.relay(webhook)
  const [ingress, others, worker] = await Promise.all([
    rig.ingress('ingress', ingressEnv),
    Promise.all(Array.from({ length: count - 1 }, async (_, nth) => await rig.ingress(`ingress-${nth + 2}`, ingressEnv))),
    rig.worker('worker', { ...env, ...given.workerEnv }),
    rig.startRecorder({ latency })
  ])
  const ingresses = [ingress, ...others]
  const urls = ingresses.map(({ url }) => url)
  const sending = await rig.load(to === undefined ? urls : [await to(urls)], load)
  const checks = await breakAndMend({ ingress, ingresses, worker })
  await rig.acked(rig.wanted)
  await sending.stop()
  return [...checks ?? [], ...(given.answersAll === true ? [rig.ledger.update().everyoneAnswered] : [])]
}
