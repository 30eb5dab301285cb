import { BlockList, isIP, isIPv6 } from 'node:net'

/** Networks that nobody reaches from the internet, and what they are. Source: https://www.iana.org/assignments/iana-ipv4-special-registry */
const places: [string, string[]][] = [
  ['this machine', ['127.0.0.0/8', '::1/128', '0.0.0.0/8', '::/128']],
  ['a private network', ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', 'fc00::/7']],
  ['this network segment alone', ['169.254.0.0/16', 'fe80::/10']],
  ['a provider\'s inner network', ['100.64.0.0/10']],
  ['no machine on the internet', ['192.0.0.0/24', '192.0.2.0/24', '198.18.0.0/15', '198.51.100.0/24', '203.0.113.0/24', '224.0.0.0/4', '240.0.0.0/4', '100::/64', '2001:db8::/32', 'ff00::/8']]
]

const lists = places.map(([place, networks]) => {
  const list = new BlockList() // Node's name for it; nothing is blocked
  for (const network of networks) {
    const [address = '', prefix] = network.split('/')
    list.addSubnet(address, Number(prefix), isIPv6(address) ? 'ipv6' : 'ipv4')
  }
  return { place, list }
})

/** Where an address leads that the internet does not reach; undefined for one that it does, and for what is none. */
export const placeOfAddress = (address: string): string | undefined => isIP(address) === 0
  ? undefined
  : lists.find(({ list }) => list.check(address, isIPv6(address) ? 'ipv6' : 'ipv4'))?.place

/** The host of a URL without the brackets of IPv6. */
export const bareHost = ({ hostname }: URL): string => hostname.replace(/^\[(.*)\]$/, '$1')

/** Whether a URL means this machine or a private network by itself, without any name in between. */
export function isLocal (url: URL): boolean {
  const host = bareHost(url)
  return host === 'localhost' || host.endsWith('.localhost') || (isIP(host) !== 0 && placeOfAddress(host) !== undefined)
}
