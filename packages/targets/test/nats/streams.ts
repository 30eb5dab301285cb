import { randomUUID } from 'node:crypto'
import { jetstream, jetstreamManager, type JetStreamManager, type StreamConfig } from '@nats-io/jetstream'
import { connect, nkeyAuthenticator, nkeys, type ConnectionOptions, type NatsConnection } from '@nats-io/transport-node'

export interface Access { address: string, options?: ConnectionOptions }

/** Does something as a client of a server, and lets go. */
export async function withManager<T> ({ address, options = {} }: Access, work: (manager: JetStreamManager, connection: NatsConnection) => Promise<T>): Promise<T> {
  const connection = await connect({ ...options, servers: address })
  try {
    return await work(await jetstreamManager(connection, { timeout: 20_000 }), connection)
  } finally {
    await connection.close()
  }
}

/** Creates a stream, and answers its name and the first token of its subjects. */
export async function freshStream (access: Access, config: Partial<StreamConfig> = {}): Promise<{ stream: string, prefix: string }> {
  const prefix = `t-${randomUUID()}`
  const stream = config.name ?? prefix
  await withManager(access, async manager => { await manager.streams.add({ subjects: [`${prefix}.>`], ...config, name: stream }) })
  return { stream, prefix }
}

/** From now on nothing is ever added to it. */
export async function seal (access: Access, stream: string): Promise<void> {
  await withManager(access, async (manager, connection) => {
    const { config } = await manager.streams.info(stream)
    await connection.request(`$JS.API.STREAM.UPDATE.${stream}`, JSON.stringify({ ...config, sealed: true }))
  })
}

export interface StoredMessage {
  subject: string
  body: Buffer
  headers: Record<string, string>
}

/** All that a stream holds now, in its order. */
export async function messagesIn (access: Access, stream: string): Promise<StoredMessage[]> {
  return await withManager(access, async (manager, connection) => {
    const { state } = await manager.streams.info(stream)
    if (state.messages === 0) return []
    const messages: StoredMessage[] = []
    const consumer = await jetstream(connection).consumers.get(stream)
    for await (const { subject, data, headers } of await consumer.consume()) {
      messages.push({ subject, body: Buffer.from(data), headers: Object.fromEntries(Array.from(headers ?? [], ([name, values]) => [name, values.join()])) })
      if (messages.length === state.messages) break
    }
    return messages
  })
}

/** What a server of an operator's needs to know, and the text of a .creds file for a user of an account on it. */
export function operatorWithUser (): { settings: string, credentials: string } {
  const [operator, system, account, user] = [nkeys.createOperator(), nkeys.createAccount(), nkeys.createAccount(), nkeys.createUser()]
  const unlimited = (...names: string[]) => Object.fromEntries(names.map(name => [name, -1]))
  const token = (type: string, subject: nkeys.KeyPair, issuer: nkeys.KeyPair, more: object = {}) => {
    const claims = { jti: randomUUID(), iat: Math.trunc(Date.now() / 1_000), iss: issuer.getPublicKey(), sub: subject.getPublicKey(), name: type, nats: { type, version: 2, ...more } }
    const content = [{ typ: 'JWT', alg: 'ed25519-nkey' }, claims].map(part => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.')
    return `${content}.${Buffer.from(issuer.sign(Buffer.from(content))).toString('base64url')}`
  }
  const limits = { ...unlimited('subs', 'data', 'payload', 'imports', 'exports', 'conn', 'leaf'), wildcards: true }
  const stored = unlimited('mem_storage', 'disk_storage', 'streams', 'consumer')
  const settings = [
    `operator: "${token('operator', operator, operator)}"`,
    `system_account: ${system.getPublicKey()}`,
    'resolver: MEMORY',
    `resolver_preload { ${system.getPublicKey()}: "${token('account', system, operator, { limits })}", ${account.getPublicKey()}: "${token('account', account, operator, { limits: { ...limits, ...stored } })}" }`
  ].join('\n')
  const seed = Buffer.from(user.getSeed()).toString()
  const block = (name: string, text: string) => `-----BEGIN ${name}-----\n${text}\n------END ${name}------\n\n`
  return { settings, credentials: block('NATS USER JWT', token('user', user, account, { subs: -1, data: -1, payload: -1 })) + block('USER NKEY SEED', seed) }
}

/** The two halves of an NKey: what the server knows, and the seed. */
export function nkey (): { publicKey: string, seed: string } {
  const pair = nkeys.createUser()
  return { publicKey: pair.getPublicKey(), seed: Buffer.from(pair.getSeed()).toString() }
}

export const byNkey = (seed: string): ConnectionOptions => ({ authenticator: nkeyAuthenticator(Buffer.from(seed)) })
