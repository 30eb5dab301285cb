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
export function guardedConnector ({ network, timeout, lookup = lookupHost }: ConnectorOptions): buildConnector.connector {
  const connect = buildConnector({ timeout, lookup: guardedLookup(network, lookup) })
  return (options, callback) => {
    const { hostname } = options
    const refusal = isIP(hostname) === 0 ? undefined : addressRefusal(hostname, network)
    if (refusal === undefined) connect(options, callback)
    else callback(new NoConnection('address_refused', `the host in url, ${hostname}, ${refusal}`, { lasting: true }), null)
  }
}

/** Leaves out the addresses that are refused. */
const guardedLookup = (network: Network, lookup: LookupAll): LookupFunction => (host, options, callback) => {
  lookup(host, { ...options, all: true }, (error, addresses) => {
    if (error !== null) return callback(error, [])
    const allowed = addresses.filter(({ address }) => addressRefusal(address, network) === undefined)
    const [first] = allowed
    if (first === undefined) {
      const [refused] = addresses
      const refusal = refused === undefined ? 'has no address' : `is at ${refused.address}, which ${addressRefusal(refused.address, network)}`
      return callback(new NoConnection('address_refused', `the host in url, ${host}, ${refusal}`, { lasting: true }), [])
    }
    if (options.all === true) callback(null, allowed)
    else callback(null, first.address, first.family)
  })
}
