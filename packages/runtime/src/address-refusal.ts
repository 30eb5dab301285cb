import ipaddr from 'ipaddr.js'
import { AddressList } from './address-list.ts'
import type { Network } from './network-settings.ts'

/**
 * Where clouds tell a machine what it is, and hand out its credentials, beyond link-local addresses, at which most of them do (AWS, Azure, Google,
 * Tencent Cloud).
 */
const metadata = new AddressList([
  '100.100.100.200', 'fd00:100::100:200', // Alibaba Cloud
  '168.63.129.16', // Azure: WireServer
  '192.0.0.192', 'fd00:c1::a9fe:a9fe', // Oracle Cloud: Classic, and IPv6
  '100.96.0.96', // Volcano Engine
  'fd00:ec2::/32', // AWS: metadata, credentials of EKS, resolver, clock
  'fd20:ce::254', // Google Cloud
  'fd00:42::42', // Scaleway
  'fd00:a9fe:a9fe::1' // Akamai
])

/** IPv6 that is IPv4 underneath: how it begins, and in which of its bytes the IPv4 address may stand. */
const carriers = [
  { network: '::ffff:0:0/96', bytes: [[12, 13, 14, 15]] }, // mapped: RFC 4291
  { network: '::ffff:0:0:0/96', bytes: [[12, 13, 14, 15]] }, // translated: RFC 2765
  { network: '64:ff9b::/96', bytes: [[12, 13, 14, 15]] }, // NAT64: RFC 6052
  { network: '2002::/16', bytes: [[2, 3, 4, 5]] } // 6to4: RFC 3056
].map(readCarrier)

/** The same, where nobody else's traffic arrives: never public. */
const ownCarriers = [
  { network: '::/96', bytes: [[12, 13, 14, 15]] }, // compatible: RFC 4291
  { network: '64:ff9b:1::/48', bytes: [[6, 7, 9, 10], [7, 9, 10, 11], [9, 10, 11, 12], [12, 13, 14, 15]] } // NAT64 of one's own, by the length of its prefix: RFC 8215
].map(readCarrier)

/** Public IPv6, as far as it is given out. */
const globalUnicast = ipaddr.IPv6.parseCIDR('2000::/3')

/** Ranges where nothing is that could take an event, but for what clouds keep there. */
const neverReceivers = new Set<string>(['linkLocal', 'multicast', 'broadcast'])

const neverMeant = "is link-local, multicast or a cloud's metadata service, where a request can be made to bring out credentials; set network: any if it is meant"
const notPublic = 'is not public; set network: private if the receiver stands in a network of yours'

/** Why a receiver may not be at an address, and what to set where it may; undefined where nothing is wrong with it. */
export function addressRefusal (address: string, network: Network): string | undefined {
  if (network === 'any') return undefined
  const [zoneless = ''] = address.split('%')
  const bare = withoutDots(zoneless)
  if (!ipaddr.isValid(bare)) return 'is no address'
  const parsed = ipaddr.parse(bare)
  const carried = parsed instanceof ipaddr.IPv6 ? [...carriedBy(parsed, carriers), ...carriedBy(parsed, ownCarriers)] : []
  if ([parsed, ...carried].some(isNeverMeant)) return neverMeant
  return network === 'private' || isPublic(parsed) ? undefined : notPublic
}

/** IPv6 whose end is written as IPv4, in hex alone: ipaddr.js takes ::8.8.8.8 for ::ffff:8.8.8.8, which it is not. */
const withoutDots = (address: string): string => address.replace(/(?<=:)(\d+)\.(\d+)\.(\d+)\.(\d+)$/, (_, ...octets: string[]) => {
  const [a = 0, b = 0, c = 0, d = 0] = octets.slice(0, 4).map(Number)
  return `${(a << 8 | b).toString(16)}:${(c << 8 | d).toString(16)}`
})

function isPublic (address: ipaddr.IPv4 | ipaddr.IPv6): boolean {
  if (address instanceof ipaddr.IPv4) return address.range() === 'unicast'
  const [carried] = carriedBy(address, carriers)
  return carried === undefined ? address.match(globalUnicast) && address.range() === 'unicast' : isPublic(carried)
}

const isNeverMeant = (address: ipaddr.IPv4 | ipaddr.IPv6): boolean => neverReceivers.has(address.range()) || metadata.has(address.toString())

interface Carrier { network: [ipaddr.IPv6, number], bytes: number[][] }

function readCarrier ({ network, bytes }: { network: string, bytes: number[][] }): Carrier {
  return { network: ipaddr.IPv6.parseCIDR(network), bytes }
}

function carriedBy (address: ipaddr.IPv6, carriers: readonly Carrier[]): ipaddr.IPv4[] {
  const all = address.toByteArray()
  return carriers.filter(({ network }) => address.match(network)).flatMap(({ bytes }) => bytes.map(places => new ipaddr.IPv4(places.map(place => all[place] ?? 0))))
}
