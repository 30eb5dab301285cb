import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { JournalError, openJournal, type Journal } from '@baton/journal'
import { BatonError, RelayFileReloading, bytesOf, isProxyCount, millisecondsOf, openRelayFile, readApps, tlsFilesOf, trustedProxies, type AppsSettings, type Logger, type ProcessContext, type RunningProcess, type Settings } from '@baton/runtime'
import { buildIngress } from './app.ts'
import { Apps } from './apps.ts'
import { DriftNotes } from './drift-notes.ts'
import { startForwarding } from './forwarding.ts'
import { ingressMetrics } from './ingress-metrics.ts'
import { RenewedCertificate } from './renewed-certificate.ts'

/** ms for which we are there for clients that are connected to us: one that sends in a row has its next answer by then, and with it the wish to part. */
const farewell = 250

/** Starts an ingress: relay file, journal, forwarder, HTTP. It starts and acknowledges while Redis is away. */
export async function startIngress ({ settings, log }: ProcessContext): Promise<RunningProcess> {
  let apps: Apps | undefined
  const reloading = new RelayFileReloading({
    settings,
    log,
    take: async settings => {
      const next = appsOf(settings)
      if (apps?.replace(next) !== true) return undefined
      warnOf(next, settings, log)
      return { apps: next.map(({ sdkAppId }) => sdkAppId) }
    }
  })
  const found = appsOf(settings)
  warnOf(found, settings, log)
  const { REDIS_URL: redisUrl, TRUST_PROXY: proxies } = settings
  if (redisUrl === undefined) throw new BatonError('SETTINGS_INVALID', 'REDIS_URL is not set. Set it, or run npm start, which brings a Redis of its own.')
  const files = tlsFilesOf(settings)
  const certificate = files && new RenewedCertificate(files, log)
  /** Fastify takes a server that it has not made itself for plain HTTP. */
  const asServed = (url: string) => certificate === undefined ? url : url.replace(/^http:/, 'https:')

  if (process.listenerCount('SIGXFSZ') === 0) process.on('SIGXFSZ', noFault) // a limit of file sizes (ulimit -f) is an error to the journal, no end of this process
  const folder = join(settings.BATON_DATA_DIR, 'journal')
  const journal = await open(folder, settings)
  const forwarding = startForwarding(journal, {
    folder,
    redisUrl,
    unsettledQuota: bytesOf(settings.JOURNAL_UNSETTLED),
    redisMemory: settings.REDIS_MEMORY === undefined ? undefined : bytesOf(settings.REDIS_MEMORY),
    level: settings.LOG_LEVEL,
    log
  })
  const close = async () => {
    await forwarding.close()
    await journal.close()
  }
  try {
    const stopping = new AbortController()
    const metrics = ingressMetrics(journal, forwarding, forwarding.quarantine, certificate)
    metrics.withProcess()
    const drift = new DriftNotes(metrics, forwarding.reportDrift)
    const current = new Apps(found, { metrics, log })
    const ingress = buildIngress({
      apps: current,
      path: settings.INGRESS_PATH,
      certificate,
      trusted: proxies === undefined ? undefined : trustedProxies(proxies),
      append: async event => {
        await journal.append(event)
        forwarding.appended()
      },
      obstacle: async () => await obstacle(journal),
      quarantine: forwarding.quarantine,
      drift,
      metrics,
      log,
      stopping: stopping.signal
    })
    const url = asServed(await ingress.listen({ host: settings.HOST, port: settings.PORT, listenTextResolver: address => `listening at ${asServed(address)}` }))
    apps = current
    reloading.begin()
    return {
      reload: async () => { await reloading.reload() },
      urls: { ingress: new URL(settings.INGRESS_PATH, url).href },
      leave: async () => {
        stopping.abort()
        const delay = millisecondsOf(settings.STOP_DELAY)
        if (delay > 0) log.info({ milliseconds: delay }, 'not ready any more; callbacks are still taken')
        const connected = await new Promise<number>(resolve => { ingress.server.getConnections((_error, count) => { resolve(count) }) })
        await wait(Math.max(delay, connected > 0 ? farewell : 0))
      },
      close: async () => {
        await reloading.close()
        await ingress.close()
        certificate?.close()
        drift.close()
        await current.close()
        await close()
      }
    }
  } catch (error) {
    await close()
    throw error
  }
}

/** Throws RELAY_FILE_MISSING, or RELAY_FILE_INVALID with all problems. */
function appsOf (settings: Settings): AppsSettings {
  const document = openRelayFile(settings)
  const apps = readApps(document)
  document.assertValid()
  if (apps === undefined) throw new BatonError('RELAY_FILE_INVALID', 'The relay file names no apps.')
  return apps
}

/** Tells what fits, and leaves a door open. */
function warnOf (apps: AppsSettings, { TRUST_PROXY: proxies }: Settings, log: Logger): void {
  for (const { sdkAppId, tokens } of apps) {
    if (tokens === undefined) log.warn({ app: sdkAppId }, 'the app has no tokens: anybody who knows the URL can send callbacks for it; switch authentication on in the console and set tokens')
  }
  for (const { sdkAppId, decisions = [] } of apps) {
    for (const { url, secrets, token } of decisions) {
      if ((secrets ?? token) === undefined) log.warn({ app: sdkAppId, endpoint: new URL(url).host }, 'calls of this endpoint are unsigned: it cannot tell them from those of others; set secrets, or token where its style is tencent')
    }
  }
  if (proxies !== undefined && isProxyCount(proxies) && apps.some(({ allow }) => allow !== undefined)) {
    log.warn('TRUST_PROXY is a number: whoever reaches this port without passing the proxies can claim an address that apps allow; let nobody else reach it, or set the addresses of the proxies')
  }
}

const noFault = (): void => {}

/** Opens the journal; throws DATA_DIR_IN_USE, DATA_DIR_UNWRITABLE or JOURNAL_UNUSABLE. */
async function open (folder: string, settings: Settings): Promise<Journal> {
  try {
    mkdirSync(settings.BATON_DATA_DIR, { recursive: true })
    return await openJournal({
      folder,
      unsettledQuota: bytesOf(settings.JOURNAL_UNSETTLED),
      retainedQuota: bytesOf(settings.JOURNAL_RETAINED),
      retention: millisecondsOf(settings.JOURNAL_RETENTION),
      minimumFree: bytesOf(settings.JOURNAL_MINIMUM_FREE)
    })
  } catch (error) {
    if (!(error instanceof JournalError)) throw new BatonError('DATA_DIR_UNWRITABLE', `The data folder ${settings.BATON_DATA_DIR} cannot be written. Mend its owner or mode, or set BATON_DATA_DIR to another one.`, { cause: error })
    const code = error.code === 'JOURNAL_IN_USE' ? 'DATA_DIR_IN_USE' : error.code === 'JOURNAL_UNWRITABLE' ? 'DATA_DIR_UNWRITABLE' : 'JOURNAL_UNUSABLE'
    throw new BatonError(code, error.message, { cause: error })
  }
}

/** Really writes: what keeps the journal from being written keeps callbacks from being acknowledged. */
async function obstacle (journal: Journal): Promise<string | undefined> {
  try {
    await journal.remember('probe', String(Date.now()))
    return journal.obstacle()
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}
