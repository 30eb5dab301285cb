import { isIPv6 } from 'node:net'

/** How a URL names a server that listens on a host: IPv6 in brackets, and loopback for "all addresses", which is nothing to connect to. */
export function reachableHost (host: string): string {
  const bare = host.replace(/^\[(.*)\]$/, '$1')
  if (bare === '0.0.0.0') return '127.0.0.1'
  if (bare === '::') return '[::1]'
  return isIPv6(bare) ? `[${bare}]` : bare
}
