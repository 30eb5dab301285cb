import { fileURLToPath } from 'node:url'
import {
  BatonError, childEnvironment, lockDataDir, openRelayFile, readSettings, startEmbeddedPostgres, startManagedRedis,
  type EmbeddedPostgres, type ManagedRedis
} from '@baton/runtime'
import { readTargets } from '@baton/targets'
import { check } from './check.ts'
import { compiler, rebuilt } from './compiler.ts'
import { greeting } from './greeting.ts'
import { startChild, type RunningChild } from './start-child.ts'
import { supervise, type Part } from './supervise.ts'
import { untilPortsFree } from './until-ports-free.ts'

/** `baton`, for the processes that we start. */
const baton = fileURLToPath(new URL('../../bin/baton.js', import.meta.url))

/**
 * Runs a complete relay on this machine, and ends this process with it. Throws where the settings or the relay file do not fit;
 * later failures are printed, and end the process with code 1.
 */
export async function up ({ watch = false }: { watch?: boolean } = {}): Promise<void> {
  const { apps: [app], relayFile } = await check()
  const settings = readSettings()
  const { BATON_DATA_DIR: dataDir, REDIS_URL } = settings
  if (app === undefined) throw new BatonError('RELAY_FILE_INVALID', 'The relay file names no apps.')
  const needsEmbeddedPostgres = (await readTargets(openRelayFile(settings))).some(target => target.needsEmbeddedPostgres)
  const announce = (line: string) => { process.stderr.write(`${line}\n`) }

  let redis: ManagedRedis | undefined
  let postgres: EmbeddedPostgres | undefined
  const children = new Map<string, RunningChild>()

  const lock: Part = {
    name: 'lock of the data dir',
    whenItDies: 'end',
    start: async () => {
      const { release } = await lockDataDir(dataDir)
      return { exited: new Promise(() => {}), stop: release, kill: () => {} }
    }
  }
  /** Whoever learnt that a port is taken only from a part that starts late would have started the others in vain. */
  const ports: Part = {
    name: 'look at the ports',
    whenItDies: 'end',
    start: async stopping => {
      await untilPortsFree(settings, { needsEmbeddedPostgres, stopping })
      return { exited: new Promise(() => {}), stop: async () => {}, kill: () => {} }
    }
  }
  const managedRedis: Part = {
    name: 'managed Redis',
    whenItDies: 'restart',
    start: async () => {
      const started = await startManagedRedis({ dataDir, noInstall: settings.BATON_NO_INSTALL === '1', announce })
      if (redis !== undefined && redis.url !== started.url) {
        await started.stop()
        throw new BatonError('REDIS_UNUSABLE', `something else took its port ${redis.port}`)
      }
      redis = started
      return { ...started, exited: started.exited.then(() => 'its process is gone') }
    }
  }
  const embeddedPostgres: Part = {
    name: 'embedded PostgreSQL',
    whenItDies: 'restart',
    start: async () => {
      postgres = await startEmbeddedPostgres({ dataDir, port: postgres?.port ?? settings.EMBEDDED_PG_PORT })
      return postgres
    }
  }
  const child = (name: 'worker' | 'ingress'): Part => ({
    name,
    whenItDies: 'end',
    start: async stopping => {
      const environment = childEnvironment({
        ...redis && { REDIS_URL: redis.url },
        ...postgres && { EMBEDDED_PG_PORT: String(postgres.port) },
        STOP_DELAY: '0s' // no load balancer is in front of a relay on one machine
      })
      const started = await startChild({ name, argv: [baton, name], environment }, stopping)
      children.set(name, started)
      return started
    }
  })

  await supervise([
    [lock],
    [ports],
    [
      ...watch ? [compiler()] : [],
      ...REDIS_URL === undefined ? [managedRedis] : [],
      ...needsEmbeddedPostgres ? [embeddedPostgres] : []
    ],
    [child('worker'), child('ingress')].map(part => watch ? rebuilt(part) : part)
  ], () => {
    const urlOf = (name: string) => children.get(name)?.urls[name] ?? ''
    process.stdout.write(`${greeting({
      urls: { ingress: urlOf('ingress'), worker: urlOf('worker') },
      redis: redis?.describe ?? `${new URL(REDIS_URL ?? '').host}, yours (REDIS_URL)`,
      postgresUrl: postgres?.url,
      dataDir,
      relayFile: relayFile ?? undefined,
      app
    }, Date.now())}\n`)
  })
}
