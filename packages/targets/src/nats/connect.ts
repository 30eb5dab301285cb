import { readFileSync } from 'node:fs'
import type * as Client from '@nats-io/transport-node'
import type { Authenticator, ConnectionOptions, NatsConnection } from '@nats-io/transport-node'
import { pemOf } from '../broker/tls-of.ts'
import type { OpenContext } from '../target.ts'
import type { NatsSettings } from './nats-settings.ts'

/** `auth` of the settings cannot be used; the message says what of it, and why. */
export class UnfitCredentials extends Error {}

/** ms to wait for a server to let us in. */
const longestConnect = 10_000

/** ms after which an idle connection is looked at, and of two of them without an answer it has ended. Deliveries notice for themselves. */
const pingInterval = 15_000

/** Answers how to connect: to the first of the servers that lets us in, beginning each time with another one. */
export function connector ({ servers, tls, auth }: NatsSettings, { timeout }: Pick<OpenContext, 'timeout'>): (broken: () => void) => Promise<NatsConnection> {
  let begun = 0
  return async broken => {
    const client = await import('@nats-io/transport-node')
    const first = begun++ % servers.length
    const options: ConnectionOptions = {
      name: 'baton',
      // Whoever delivers connects anew: with a reconnect of the client's own, what was on its way would wait unseen.
      reconnect: false,
      timeout: Math.min(timeout, longestConnect),
      pingInterval,
      noAsyncTraces: true,
      ...tls !== undefined && { tls: pemOf(tls) },
      ...auth !== undefined && { authenticator: authenticatorsOf(auth, client) }
    }
    const errors: unknown[] = []
    for (const server of [...servers.slice(first), ...servers.slice(0, first)]) {
      try {
        // One at a time: given several, the client passes over some of them when it may not reconnect.
        const connection = await client.connect({ ...options, servers: server })
        void connection.closed().then(broken)
        return connection
      } catch (error) {
        errors.push(error)
      }
    }
    throw new AggregateError(errors, 'no server lets us in')
  }
}

function authenticatorsOf ({ user, password, token, nkeySeed, credentials }: NonNullable<NatsSettings['auth']>, client: typeof Client): Authenticator[] {
  return [
    ...user === undefined ? [] : [client.usernamePasswordAuthenticator(user, password)],
    ...token === undefined ? [] : [client.tokenAuthenticator(token)],
    ...nkeySeed === undefined ? [] : [signing(client.nkeyAuthenticator(Buffer.from(nkeySeed)), 'nkeySeed does not fit: it is no seed of an NKey')],
    ...credentials === undefined ? [] : [signing(client.credsAuthenticator(textOf(credentials)), 'credentials does not fit: it holds no user JWT with its seed')]
  ]
}

/** It signs nothing before it is asked to: what is wrong with a seed would come up where nobody catches it. */
function signing (authenticator: Authenticator, problem: string): Authenticator {
  try {
    authenticator('nonce')
    return authenticator
  } catch {
    throw new UnfitCredentials(problem)
  }
}

function textOf (credentials: string): Uint8Array {
  if (!credentials.startsWith('/')) return Buffer.from(credentials)
  try {
    return readFileSync(credentials)
  } catch (error) {
    throw new UnfitCredentials(`the file of credentials cannot be read (${error instanceof Error && 'code' in error ? String(error.code) : 'unknown'})`)
  }
}
