import type { Answer } from './exchange.ts'
import { end, ok, type Finding } from './finding.ts'
import type { Visit } from './visit.ts'

/** Whether the URL answers itself. A POST that is sent elsewhere becomes a GET, or is not followed at all. */
export async function checkRedirect ({ url }: Visit, { status, headers }: Answer): Promise<Finding> {
  if (![301, 302, 303, 307, 308].includes(status)) return ok('none')
  const there = headers.location !== undefined && URL.canParse(headers.location, url.href) ? new URL(headers.location, url) : undefined
  if (there === undefined) return end(`HTTP ${status}, a redirect to nowhere`, 'See what answers there.')
  there.search = ''
  there.hash = ''
  return end(`HTTP ${status} to ${there.href}: Tencent does not follow redirects`, nextOf(url, there))
}

function nextOf (here: URL, there: URL): string {
  const sameButFor = (change: (url: URL) => void): boolean => {
    const changed = new URL(here)
    change(changed)
    return changed.href === there.href
  }
  if (sameButFor(url => { url.protocol = there.protocol; url.port = there.port })) return `Enter ${there.href} in the console instead.`
  if (sameButFor(url => { url.pathname = there.pathname })) return `Enter ${there.href} in the console instead, if that is Baton; else the server in front adds or removes a slash or leads to a login.`
  if (sameButFor(url => { url.hostname = there.hostname })) return `Enter ${there.href} in the console instead, or let this host answer too.`
  return 'It looks like a login or a landing page: let POSTs to this path through to the ingress without one.'
}
