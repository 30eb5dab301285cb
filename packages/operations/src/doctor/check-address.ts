import type { Answer } from './exchange.ts'
import { fail, ok, warn, type Finding } from './finding.ts'
import { placeOfAddress } from './place-of-address.ts'
import type { Visit } from './visit.ts'

/** Of nobody: kept for documentation, RFC 5737. */
const nobody = '198.51.100.77'

/** Whose address Baton sees: that of whoever sends, or that of its proxy. Lists of allowed addresses depend on it. */
export async function checkAddress (visit: Visit, { report }: Answer): Promise<Finding | undefined> {
  const address = report?.address
  if (address === undefined) return undefined
  if (visit.isLocal) return ok(`Baton sees ${address}`)
  const claimed = await visit.ask({ headers: { 'x-forwarded-for': nobody } })
  if (claimed.silence === undefined && claimed.report?.address === nobody) {
    return fail('Baton believes anybody who writes X-Forwarded-For: whoever is not on a list of allowed addresses can claim to be', 'Have the outermost proxy overwrite X-Forwarded-For, and set TRUST_PROXY to the addresses of your proxies alone.')
  }
  const place = placeOfAddress(address)
  return place === undefined
    ? ok(`Baton sees ${address}: it should be yours, not that of a proxy (else set TRUST_PROXY)`)
    : warn(`Baton sees ${address} (${place}): its proxy, not whoever sends`, 'Set TRUST_PROXY to the addresses of your proxies, if you want to allow Tencent\'s addresses alone; without such a list it does no harm.')
}
