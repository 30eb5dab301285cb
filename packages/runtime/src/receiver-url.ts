import { isIP } from 'node:net'
import { Type } from '@sinclair/typebox'
import { addressRefusal } from './address-refusal.ts'
import type { Network } from './network-settings.ts'

/** The URL of an HTTP receiver, in a settings file. */
export const ReceiverUrl = (description: string) => Type.String({ pattern: '^https?://[^\\s/?#]+', description })

/** A URL without what may be a secret, for people: user, password, query and fragment. */
export function bareUrl (url: string): string {
  const { protocol, host, pathname } = new URL(url)
  return `${protocol}//${host}${pathname}`
}

/** What is wrong with it that its schema cannot tell; never its value. */
export function problemOfReceiverUrl (url: string, network: Network): string | undefined {
  if (!URL.canParse(url)) return 'is no URL'
  const { username, password, hostname } = new URL(url)
  if (username !== '' || password !== '') return 'has a user or password, which would end up in logs; have requests signed, or give a target headers, instead'
  const address = addressIn(hostname)
  const refusal = address === undefined ? undefined : addressRefusal(address, network)
  return refusal === undefined ? undefined : `its host ${refusal}`
}

/** The address that a host is, whatever a resolver says (RFC 6761); undefined where it has to be asked. */
function addressIn (host: string): string | undefined {
  const bare = host.replace(/^\[(.*)\]$/, '$1')
  if (isIP(bare) !== 0) return bare
  return /(^|\.)localhost\.?$/.test(host) ? '127.0.0.1' : undefined
}
