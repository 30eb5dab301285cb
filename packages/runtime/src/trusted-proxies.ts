import { AddressList, problemOfAddress } from './address-list.ts'

/** Whether an address is believed in what X-Forwarded-For says of who came before it; hop 0 is who is connected to us. */
export type TrustedProxies = (address: string, hop: number) => boolean

/** Reads TRUST_PROXY, in which `problemOfProxies` has found nothing. */
export function trustedProxies (text: string): TrustedProxies {
  if (isProxyCount(text)) return (_address, hop) => hop < Number(text)
  const proxies = new AddressList(entriesOf(text))
  return address => proxies.has(address)
}

/** Whether it is a number of proxies: then whoever reaches us without passing them is believed like them. */
export const isProxyCount = (text: string): boolean => /^[1-9]$/.test(text)

/** What is wrong with TRUST_PROXY; undefined where nothing is. */
export function problemOfProxies (text: string): string | undefined {
  if (isProxyCount(text)) return undefined
  for (const entry of entriesOf(text)) {
    if (everybody.test(entry)) return 'it would believe everybody, and anybody could claim any address'
    const problem = problemOfAddress(entry)
    if (problem !== undefined) return `${JSON.stringify(entry)} ${problem}`
  }
  return undefined
}

const everybody = /^(true|yes|on|all|any|\*)$/i

const entriesOf = (text: string): string[] => text.split(',').map(entry => entry.trim())
