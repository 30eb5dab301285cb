import { isIP, isIPv4 } from 'node:net'
import { end, fail, ok, warn, together, type Finding } from './finding.ts'
import { bareHost, placeOfAddress } from './place-of-address.ts'
import type { Visit } from './visit.ts'

/** Whether the host has addresses, and Tencent could reach them. */
export async function checkDns (visit: Visit): Promise<Finding> {
  const host = bareHost(visit.url)
  if (isIP(host) !== 0) {
    visit.addresses = [host]
    return visit.isLocal ? local(host, host) : ok(`${host} is an address, and a public one`)
  }
  try {
    visit.addresses = [...new Set(await visit.resolver.here(host))]
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error)
    return end(`${host} has no address (${code})`, code === 'EAI_AGAIN'
      ? 'The DNS servers of this machine do not answer: mend that, or run the doctor elsewhere.'
      : 'Make an A record for it, or mend the name; a new record may take minutes to be known.')
  }
  if (visit.isLocal) return local(host, visit.addresses.join(', '))
  return together([...await findingsOf(visit, host)])
}

const local = (host: string, addresses: string): Finding =>
  ok(`${host}${host === addresses ? '' : ` (${addresses})`} is ${placeOfAddress(addresses.split(', ')[0] ?? '') ?? 'local'}: fine for trying, but Tencent cannot reach it`, 'Open a tunnel, as shown below, and check the URL that it gives you.')

async function findingsOf ({ addresses, resolver }: Visit, host: string): Promise<Finding[]> {
  const inner = addresses.filter(address => placeOfAddress(address) !== undefined)
  const findings = [inner.length === 0
    ? ok(`${host} is ${addresses.join(', ')}`)
    : fail(`${host} is ${inner.map(address => `${address} (${placeOfAddress(address) ?? ''})`).join(', ')}${inner.length < addresses.length ? ' among others' : ''}: Tencent cannot reach that`, 'Give the name public addresses only, in the DNS that the internet sees.')]
  if (!addresses.some(isIPv4)) findings.push(warn('it has no IPv4 address', 'Tencent says nothing of IPv6: add an A record.'))
  const told = await resolver.servers(host)
  if (told?.length === 0) findings.push(warn('the DNS servers do not know it: this machine alone does, by its hosts file or a network of its own', 'Make an A record for it in the public DNS.'))
  return findings
}
