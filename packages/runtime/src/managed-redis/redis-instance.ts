import { mkdirSync, readFileSync, realpathSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Type, type Static } from '@sinclair/typebox'
import { Value } from '@sinclair/typebox/value'
import { dataDirError } from '../data-dir-error.ts'

/** What is remembered of the Redis that belongs to a data dir, whether it runs or not. */
const RedisInstance = Type.Object({
  port: Type.Integer({ minimum: 1, maximum: 65535 }),
  password: Type.String({ minLength: 32 }),
  host: Type.Union([Type.Literal('process'), Type.Literal('docker')])
})
export type RedisInstance = Static<typeof RedisInstance>

/** `<dataDir>/redis`, made where it is missing, by its real path: Redis tells that one when it is asked for its configuration file. */
export function openRedisFolder (dataDir: string): string {
  const folder = join(dataDir, 'redis')
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    return realpathSync(folder)
  } catch (error) {
    throw dataDirError(dataDir, error)
  }
}

/** Undefined where there is none, or none that can be read: a new one is made then. */
export function readRedisInstance (folder: string): RedisInstance | undefined {
  try {
    const read: unknown = JSON.parse(readFileSync(join(folder, 'instance.json'), 'utf8'))
    return Value.Check(RedisInstance, read) ? read : undefined
  } catch {
    return undefined
  }
}

export const writeRedisInstance = (folder: string, instance: RedisInstance): void =>
  writePrivately(join(folder, 'instance.json'), `${JSON.stringify(instance, null, 2)}\n`)

/** For our eyes only, and never half written. */
export function writePrivately (file: string, text: string): void {
  writeFileSync(`${file}.new`, text, { mode: 0o600 })
  renameSync(`${file}.new`, file)
}

export const redisUrlOf = ({ port, password }: RedisInstance): string => `redis://:${password}@127.0.0.1:${port}`
