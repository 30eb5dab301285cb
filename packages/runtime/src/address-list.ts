import { BlockList, SocketAddress, isIP, isIPv4 } from 'node:net'
import ipaddr from 'ipaddr.js'

/** The longest address with its prefix: 45 characters of IPv6, a slash and three digits. */
const longestEntry = 49

/** Addresses and networks (`198.51.100.7`, `203.0.113.0/24`, `2001:db8::/32`), and which addresses are among them. */
export class AddressList {
  // Node's name for it; nothing is blocked here. One for each family: Node finds IPv4 in ::/1.
  readonly #lists = { ipv4: new BlockList(), ipv6: new BlockList() }

  /** Throws a RangeError where an entry is none: `problemOfAddress` has told by then. */
  constructor (entries: readonly string[]) {
    for (const entry of entries) {
      const problem = problemOfAddress(entry)
      if (problem !== undefined) throw new RangeError(`${JSON.stringify(entry)} ${problem}`)
      const [address = '', prefix] = entry.split('/')
      const family = familyOf(address)
      if (prefix === undefined) this.#lists[family].addAddress(address, family)
      else this.#lists[family].addSubnet(address, Number(prefix), family)
    }
  }

  /** @param address as sockets and X-Forwarded-For spell it; undefined, or what is no address, is not among them */
  has (address: string | undefined): boolean {
    const plain = plainAddress(address)
    if (plain === undefined) return false
    const family = familyOf(plain)
    return this.#lists[family].check(plain, family)
  }
}

/**
 * An address without what sockets and proxies put around it (brackets, a port, a zone), and as IPv4 where it is IPv4 within IPv6;
 * undefined where it is none.
 */
export function plainAddress (text: string | undefined): string | undefined {
  if (text === undefined || isIPv4(text)) return text
  const bare = /^\[(.*)\](?::\d{1,5})?$/.exec(text)?.[1] ?? /^([\d.]+):\d{1,5}$/.exec(text)?.[1] ?? text
  const [address = ''] = bare.split('%')
  if (isIPv4(address)) return address
  if (isIP(address) === 0) return undefined
  const spelled = new SocketAddress({ address, family: 'ipv6' }).address // ipaddr.js takes ::203.0.113.7 for IPv4, which it is not
  return /^::ffff:([\d.]+)$/.exec(spelled)?.[1] ?? spelled
}

/** What is wrong with an entry, and what to write instead; undefined where nothing is. */
export function problemOfAddress (entry: string): string | undefined {
  const [address = '', prefix, ...more] = entry.split('/')
  if (entry.length > longestEntry || isIP(address) === 0 || address.includes('%') || more.length > 0) return 'is no address and no network: write 198.51.100.7, 203.0.113.0/24 or 2001:db8::/32'
  const most = isIPv4(address) ? 32 : 128
  if (prefix !== undefined && !(/^(0|[1-9]\d{0,2})$/.test(prefix) && Number(prefix) <= most)) return `has no prefix between 1 and ${most} behind its slash`
  if (prefix !== undefined && Number(prefix) === 0) return 'is every address there is'
  const parsed = ipaddr.parse(address)
  if (parsed.kind() === 'ipv6' && ipaddr.process(address).kind() === 'ipv4') {
    const within = prefix === undefined ? '' : `/${Math.max(Number(prefix) - 96, 0)}`
    return within === '/0' ? 'is every IPv4 address there is' : `is IPv4 within IPv6: write ${ipaddr.process(address).toString()}${within}`
  }
  if (prefix === undefined) return undefined
  const network = (parsed.kind() === 'ipv4' ? ipaddr.IPv4 : ipaddr.IPv6).networkAddressFromCIDR(entry)
  return parsed.toNormalizedString() === network.toNormalizedString() ? undefined : `is an address within a network: write ${network.toString()}/${prefix}, or ${address} for the address alone`
}

const familyOf = (address: string): 'ipv4' | 'ipv6' => isIPv4(address) ? 'ipv4' : 'ipv6'
