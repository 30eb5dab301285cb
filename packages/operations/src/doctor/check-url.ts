import { isIP, isIPv6 } from 'node:net'
import { end, fail, ok, together, warn, type Finding } from './finding.ts'
import { bareHost, isLocal } from './place-of-address.ts'

/** Longest host that the console takes. */
const longestHost = 63

/** Whether it is a callback URL as Tencent's console wants one. */
export function checkUrl (text: string): Finding {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined || !['http:', 'https:'].includes(url.protocol) || url.hostname === '') {
    return end(`${JSON.stringify(text)} is no URL of an ingress`, 'Write it as in https://chat.example.com/callbacks.')
  }
  const findings = [...problemsOf(text, url)]
  return findings.length === 0 ? ok(`${url.protocol === 'https:' ? 'https' : 'http'}, as the console takes it`) : together(findings)
}

function * problemsOf (text: string, url: URL): Iterable<Finding> {
  if (/[?#]/.test(text)) yield fail('it has a query or a fragment of its own', 'Tencent appends its own query: enter the URL without ? and #, and put what is secret into the path (INGRESS_PATH).')
  if (/[\s!$&]/.test(text)) yield fail('it has a blank or one of ! $ &', 'The console refuses these characters: choose another path (INGRESS_PATH).')
  if (url.username !== '' || url.password !== '') yield fail('it has a user or a password', 'The console has no place for them: switch authentication on there and set tokens in the relay file.')
  const host = bareHost(url)
  if (isIPv6(host)) yield warn('its host is an IPv6 address', 'The console describes names and IPv4 addresses only: use a name.')
  else if (isIP(host) === 0 && host.length > longestHost) yield warn(`its host has ${host.length} characters`, `The console takes hosts of up to ${longestHost}.`)
  else if (isIP(host) === 0 && !host.split('.').every(label => /^(?!-)(?!.*--)[a-z0-9-]+(?<!-)$/.test(label))) {
    yield warn('its host has other characters than letters, digits and single hyphens', 'The console may refuse it: use a name without underscores, doubled hyphens and non-ASCII letters.')
  }
  if (url.protocol === 'http:' && !isLocal(url)) yield warn('it is http: everybody on the way can read the messages in callbacks, and send callbacks again', 'Put TLS in front of the ingress, and enter the https URL.')
}
