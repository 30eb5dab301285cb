import { examples } from '@baton/contracts'
import { reachableHost } from '@baton/runtime'
import { shellQuoted } from './shell-quoted.ts'

export interface Relay {
  urls: { ingress: string, worker: string }
  /** For people. */
  redis: string
  /** Undefined where the embedded PostgreSQL does not run. */
  postgresUrl: string | undefined
  dataDir: string
  /** Undefined for the default relay. */
  relayFile: string | undefined
  app: { sdkAppId: number, signed: boolean }
}

/** What runs where, and lines to paste into a shell. */
export function greeting (relay: Relay, now: number): string {
  const { urls, redis, postgresUrl, dataDir, relayFile, app } = relay
  const facts = [
    ['Callback URL', reachable(urls.ingress)],
    ['Worker', `${reachable(urls.worker)}readyz and ${reachable(urls.worker)}metrics`],
    ['Redis', redis],
    ...postgresUrl === undefined ? [] : [['PostgreSQL', `embedded, ${postgresUrl}`]],
    ['Data', dataDir],
    ['Relay file', relayFile ?? `none: app ${app.sdkAppId} without a token, to the embedded PostgreSQL`]
  ]
  const lines = [
    ...app.signed ? [] : [`curl -sS${urls.ingress.startsWith('https:') ? 'k' : ''} ${shellQuoted(`${reachable(urls.ingress)}?${query(app.sdkAppId)}`)} -H 'content-type: application/json' -d ${shellQuoted(createGroup(now))}`],
    sendLine(relay),
    ...postgresUrl === undefined ? [] : [`psql ${shellQuoted(forPsql(postgresUrl))} -c 'SELECT group_id, type, name, owner_account FROM chat_group'`]
  ]
  return [
    'Baton is ready. Ctrl-C stops it.', '',
    ...facts.map(([name = '', value = '']) => `  ${name.padEnd(14)}${value}`), '',
    'Try in another terminal:', '',
    ...lines.map(line => `  ${line}\n`)
  ].join('\n')
}

const defaultIngress = 'http://127.0.0.1:7080/'

/** Another shell has not our environment, so what differs from the defaults is spelled out. */
function sendLine ({ urls, relayFile }: Relay): string {
  const to = reachable(urls.ingress)
  const file = relayFile === undefined || relayFile === 'baton.yaml' ? '' : `BATON_CONFIG=${shellQuoted(relayFile)} `
  return `${file}npx baton send Group.CallbackAfterCreateTopic${to === defaultIngress ? '' : ` --to ${shellQuoted(to)}`}`
}

/** The query as Tencent sends it: https://www.tencentcloud.com/document/product/1047/34354 */
const query = (sdkAppId: number): string =>
  `SdkAppid=${sdkAppId}&CallbackCommand=Group.CallbackAfterCreateGroup&contenttype=json&ClientIP=127.0.0.1&OptPlatform=RESTAPI`

/** Of now, so that it is not taken for a repeat of yesterday's. */
const createGroup = (now: number): string =>
  JSON.stringify({ ...examples['Group.CallbackAfterCreateGroup'], EventTime: String(now) })

function reachable (url: string): string {
  const parsed = new URL(url)
  parsed.hostname = reachableHost(parsed.hostname)
  return parsed.href
}

/** psql asks for TLS and, with a Kerberos ticket at hand, for GSS before anything else; the embedded PostgreSQL speaks neither. */
const forPsql = (url: string): string => `${url}?sslmode=disable&gssencmode=disable`
