import { rootCertificates } from 'node:tls'
import { checkAddress } from './check-address.ts'
import { checkAnswer } from './check-answer.ts'
import { checkApp } from './check-app.ts'
import { checkBaton } from './check-baton.ts'
import { checkBody } from './check-body.ts'
import { checkCertificate } from './check-certificate.ts'
import { checkClock } from './check-clock.ts'
import { checkConnection } from './check-connection.ts'
import { checkDns } from './check-dns.ts'
import { checkKeepAlive } from './check-keep-alive.ts'
import { checkLatency } from './check-latency.ts'
import { checkMethod } from './check-method.ts'
import { checkQuery } from './check-query.ts'
import { checkRedirect } from './check-redirect.ts'
import { checkSignature } from './check-signature.ts'
import { checkUrl } from './check-url.ts'
import { consoleSteps } from './console-steps.ts'
import type { Answer } from './exchange.ts'
import type { Finding } from './finding.ts'
import { hostResolver } from './host-resolver.ts'
import { tunnelCommands, type TunnelCommand } from './tunnel-commands.ts'
import { Visit, type VisitOptions } from './visit.ts'

export interface DoctorOptions extends Pick<VisitOptions, 'url' | 'appId' | 'tokens'>, Partial<Omit<VisitOptions, 'url' | 'appId' | 'tokens'>> {
  /** Where the ingress listens on this machine; tunnel commands lead there, and are made where it is given or the URL itself is local. */
  tunnelTo?: string | undefined
  /** Told of each check as it ends. */
  onCheck?: (check: Check) => void
}

export interface Check extends Omit<Finding, 'ends'> {
  name: string
}

export interface Diagnosis {
  url: string
  app: number
  /** Whether no check failed. */
  healthy: boolean
  /** Whether the URL means this machine or its network, where Tencent cannot come however healthy it is. */
  local: boolean
  checks: Check[]
  /** Names of checks that something else kept from being made, or that do not apply. */
  unchecked: string[]
  /** What to do in Tencent's console. */
  console: string[]
  tunnels: TunnelCommand[]
}

/** What can be checked before anything answers. */
const before: [string, (visit: Visit) => Promise<Finding | undefined>][] = [
  ['dns', checkDns],
  ['connection', checkConnection],
  ['certificate', checkCertificate],
  ['answer', checkAnswer]
]

/** What is seen in the answer to a first probe, and to further ones. */
const after: [string, (visit: Visit, first: Answer) => Promise<Finding | undefined>][] = [
  ['redirect', checkRedirect],
  ['baton', checkBaton],
  ['method', checkMethod],
  ['query', checkQuery],
  ['app', checkApp],
  ['signature', checkSignature],
  ['body', checkBody],
  ['latency', checkLatency],
  ['keep-alive', checkKeepAlive],
  ['clock', checkClock],
  ['address', checkAddress]
]

/** Looks at a callback URL as Tencent would meet it, from the outside in, and tells what is wrong and what to do. */
export async function doctor ({ tunnelTo, onCheck = () => {}, ...options }: DoctorOptions): Promise<Diagnosis> {
  const checks: Check[] = []
  const unchecked: string[] = []
  let ended = false
  const make = async (name: string, check: () => Promise<Finding | undefined>) => {
    const finding = ended ? undefined : await check()
    if (finding === undefined) return void unchecked.push(name)
    const { ends = false, ...rest } = finding
    ended = ends
    checks.push({ name, ...rest })
    onCheck({ name, ...rest })
  }

  await make('url', async () => checkUrl(options.url))
  const url = ended ? undefined : bareUrl(options.url)
  const visit = url && new Visit({ roots: rootCertificates, resolver: hostResolver, now: Date.now, ...options }, url)
  try {
    for (const [name, check] of before) await make(name, async () => visit && await check(visit))
    for (const [name, check] of after) await make(name, async () => visit?.first && await check(visit, visit.first))
  } finally {
    visit?.close()
  }
  const local = visit?.isLocal ?? false
  const tunnelEnd = tunnelTo ?? (local ? options.url : undefined)
  return {
    url: url?.href ?? options.url,
    app: options.appId,
    healthy: checks.every(({ status }) => status !== 'fail'),
    local,
    checks,
    unchecked,
    // Of a local URL nothing but the path will be the same.
    console: consoleSteps({ url: url === undefined || local ? `https://<public host>${url?.pathname ?? '/'}` : url.href, appId: options.appId, isSigned: options.tokens.length > 0 }),
    tunnels: tunnelEnd === undefined ? [] : tunnelCommands(new URL(tunnelEnd))
  }
}

/** Without what the console does not take: that has been told, and a password belongs in nobody's report. */
function bareUrl (text: string): URL {
  const url = new URL(text)
  url.username = url.password = url.search = url.hash = ''
  return url
}
