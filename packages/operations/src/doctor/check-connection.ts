import { connect, isIPv6 } from 'node:net'
import { end, fail, ok, type Finding } from './finding.ts'
import type { Visit } from './visit.ts'

/** ms for a connection. */
const patience = 5_000

/** Whether every address takes connections: Tencent may choose any of them. */
export async function checkConnection (visit: Visit): Promise<Finding> {
  const { addresses, port } = visit
  const tried = await Promise.all(addresses.map(async address => ({ address, trouble: await troubleConnecting(address, port) })))
  const open = tried.filter(({ trouble }) => trouble === undefined)
  // A machine without IPv6 can tell nothing of it.
  const shut = tried.filter(({ address, trouble }) => trouble !== undefined && !(open.length > 0 && isIPv6(address) && noRoute.has(trouble)))
  const told = shut.map(({ address, trouble }) => `${address} port ${port}: ${trouble ?? ''}`).join(', ')
  if (open.length === 0) return end(`no connection to ${told}`, nextOf(shut[0]?.trouble))
  visit.addresses = open.map(({ address }) => address)
  if (shut.length > 0) return fail(`only some addresses take connections; not ${told}`, 'Tencent may choose any of them: mend it, or take it out of the DNS.')
  return ok(`port ${port} takes connections${open.length < tried.length ? '; this machine has no IPv6 to try the others with' : ''}`)
}

const noRoute = new Set(['ENETUNREACH', 'EHOSTUNREACH', 'EADDRNOTAVAIL', 'EAFNOSUPPORT'])

const nextOf = (trouble: string | undefined): string => trouble === 'ECONNREFUSED'
  ? 'Nothing listens there: start what should (npm start, or the proxy in front of it), and compare the port.'
  : 'Open the port in the firewall or security group, for everybody or for Tencent\'s addresses.'

/** Resolves with what went wrong. */
async function troubleConnecting (host: string, port: number): Promise<string | undefined> {
  return await new Promise(resolve => {
    const socket = connect({ host, port })
    const settle = (trouble?: string) => {
      socket.destroy()
      resolve(trouble)
    }
    socket.setTimeout(patience, () => { settle(`nobody answers within ${patience / 1_000} s`) })
    socket.once('connect', () => { settle() })
    socket.once('error', (error: NodeJS.ErrnoException) => { settle(error.code ?? error.message) })
  })
}
