import { Resolver, lookup } from 'node:dns/promises'

/** Finds the addresses of a host. */
export interface HostResolver {
  /** As every program on this machine would, its hosts file included; rejects where there are none. */
  here: (host: string) => Promise<string[]>
  /** As the DNS servers tell them, none where they know of none; undefined where they do not answer. */
  servers: (host: string) => Promise<string[] | undefined>
}

export const hostResolver: HostResolver = {
  here: async host => (await lookup(host, { all: true })).map(({ address }) => address),
  servers: async host => {
    const servers = new Resolver({ timeout: 2_000, tries: 2 })
    const found = await Promise.all([servers.resolve4(host), servers.resolve6(host)].map(async asked => await asked.catch(noneOrSilent)))
    return found.some(addresses => addresses === undefined) ? undefined : found.flatMap(addresses => addresses ?? [])
  }
}

const noneOrSilent = (error: NodeJS.ErrnoException): string[] | undefined =>
  error.code === 'ENOTFOUND' || error.code === 'ENODATA' ? [] : undefined
