import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { sdkAppId } from './callback-bodies.ts'
import { freePort } from './free-port.ts'
import type { Site } from './open-site.ts'
import type { Server } from './start-server.ts'

export interface Contender {
  name: string
  what: string
  needsRedis: boolean
  /** Answers the process under load. */
  start: (site: Site) => Promise<Server>
}

export const batonScript = fileURLToPath(new URL('../../../apps/cli/bin/baton.js', import.meta.url))
const baseline = (name: string): string => fileURLToPath(new URL(`./baselines/${name}-main.js`, import.meta.url))

/** The relay file and the environment of Baton's processes: defaults, but for what lies where. */
async function relayIn ({ folder }: Site, redisUrl: string): Promise<Record<string, string>> {
  await writeFile(join(folder, 'baton.yaml'), `apps: [{ sdkAppId: ${sdkAppId} }]\ntargets: { memory: { type: memory } }\n`)
  return { REDIS_URL: redisUrl, PORT: '0', WORKER_PORT: '0', LOG_LEVEL: 'info', BATON_DATA_DIR: join(folder, 'data') }
}

export const contenders: readonly Contender[] = [
  {
    name: 'A',
    what: 'bare node:http: parses, answers',
    needsRedis: false,
    start: site => site.run(baseline('bare-http'), [], {})
  },
  {
    name: 'F',
    what: 'bare Fastify: checks app, command and schema, stores nothing',
    needsRedis: false,
    start: site => site.run(baseline('fastify'), [], {})
  },
  {
    name: 'B',
    what: 'the ingress of Baton with an append that resolves at once and stores nothing',
    needsRedis: false,
    start: site => site.run(baseline('ingress'), [], {})
  },
  {
    name: 'Baton',
    what: 'baton ingress: on disk before the answer; Redis is away',
    needsRedis: false,
    start: async site => site.run(batonScript, ['ingress'], await relayIn(site, `redis://127.0.0.1:${await freePort()}`))
  },
  {
    name: 'Baton+',
    what: 'the same with Redis, forwarding, and baton worker delivering on the same machine',
    needsRedis: true,
    start: async site => {
      const env = await relayIn(site, await site.redis())
      await site.run(batonScript, ['worker'], env)
      return await site.run(batonScript, ['ingress'], env)
    }
  },
  {
    name: 'C',
    what: 'F, and awaits queue.add before it answers',
    needsRedis: true,
    start: async site => site.run(baseline('fastify-bullmq'), [], { REDIS_URL: await site.redis() })
  },
  {
    name: "C'",
    what: 'F, and queue.add once it has answered; what waits in memory can be lost',
    needsRedis: true,
    start: async site => site.run(baseline('fastify-bullmq-after'), [], { REDIS_URL: await site.redis() })
  }
]
