import { firstAfterQuiet, plainAddress, type Logger } from '@baton/runtime'
import type { Sender } from './admit.ts'

/** ms without one after which the next is an alert again, and for which an address is not told twice. */
const quiet = 60_000
/** Addresses that are told of in that time: strangers have many. */
const mostAddresses = 20

/** Callbacks from addresses that their app does not allow: each is an alert or part of one, and the log tells enough addresses to see whose they are. */
export class StrangeAddresses {
  readonly #log: Logger
  readonly #now: () => number
  readonly #first: () => boolean
  #told = { since: -Infinity, addresses: new Set<string>() }

  /** @param now ms of a clock that never goes back */
  constructor (log: Logger, now: () => number = () => performance.now()) {
    this.#log = log
    this.#now = now
    this.#first = firstAfterQuiet(quiet, now)
  }

  note (app: number, { ip }: Sender): void {
    const address = plainAddress(ip) ?? 'unreadable'
    const first = this.#first()
    const now = this.#now()
    if (now - this.#told.since >= quiet) this.#told = { since: now, addresses: new Set() }
    const { addresses } = this.#told
    if (addresses.has(address) || (addresses.size >= mostAddresses && !first)) return
    addresses.add(address)
    if (first) this.#log.error({ app, address, alert: 'CALLBACKS_FROM_STRANGE_ADDRESSES' }, 'callbacks come from an address that their app does not allow, and are refused: Tencent has new addresses (its GetIPList tells them; add them to allow), a load balancer is not in TRUST_PROXY, or a stranger sends them')
    else this.#log.warn({ app, address }, 'callbacks come from this address too, which their app does not allow; each one is told once a minute')
  }
}
