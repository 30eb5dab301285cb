import { lookup as lookupHost, type LookupAddress, type LookupAllOptions } from 'node:dns'
import { isIP, type LookupFunction } from 'node:net'
import { buildConnector } from 'undici'
import { addressRefusal } from './address-refusal.ts'
import type { Network } from './network-settings.ts'
import { NoConnection } from './no-connection.ts'

/** Finds all addresses of a host, as `lookup` of node:dns does. */
export type LookupAll = (host: string, options: LookupAllOptions, callback: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void) => void

export interface ConnectorOptions {
  network: Network
  /** ms for a connection to come about. */
  timeout: number
  /** `lookup` of node:dns, if left out. */
  lookup?: LookupAll | undefined
}

/**
 * Connects to allowed addresses alone. What is looked at is the very address that is connected to, with each connection anew, so that a name
 * which points elsewhere by then gains nothing; names are resolved here, and an address that stands in a URL is never resolved, so it is looked at by itself.
 */
export function guardedConnector ({ network, timeout, lookup = lookupHost }: ConnectorOptions, whose = 'the host in url'): buildConnector.connector {
  const connect = buildConnector({ timeout, lookup: guardedLookup(network, lookup, whose) })
  return (options, callback) => {
    const refused = refusedAddress(options.hostname, network, whose)
    if (refused === undefined) connect(options, callback)
    else callback(refused, null)
  }
}

/** Where a host is an address that is refused; undefined where it is none, or a name. */
export function refusedAddress (host: string, network: Network, whose = 'the host in url'): NoConnection | undefined {
  const refusal = isIP(host) === 0 ? undefined : addressRefusal(host, network)
  return refusal === undefined ? undefined : refused(`${whose}, ${host}, ${refusal}`)
}

const refused = (message: string): NoConnection => new NoConnection('address_refused', message, { lasting: true })

/** Leaves out the addresses that are refused. */
const guardedLookup = (network: Network, lookup: LookupAll, whose: string): LookupFunction => (host, options, callback) => {
  lookup(host, { ...options, all: true }, (error, addresses) => {
    if (error !== null) return callback(error, [])
    const allowed = addresses.filter(({ address }) => addressRefusal(address, network) === undefined)
    const [first] = allowed
    if (first === undefined) {
      const [given] = addresses
      return callback(refused(`${whose}, ${host}, ${given === undefined ? 'has no address' : `is at ${given.address}, which ${addressRefusal(given.address, network)}`}`), [])
    }
    if (options.all === true) callback(null, allowed)
    else callback(null, first.address, first.family)
  })
}
