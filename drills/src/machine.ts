import { execFileSync } from 'node:child_process'
import { availableParallelism, cpus, release, totalmem } from 'node:os'
import { fileURLToPath } from 'node:url'
import { Haproxy } from './haproxy.ts'
import { checkout } from './places.ts'
import type { PrivatePostgres } from './private-postgres.ts'
import { PrivateRedis } from './private-redis.ts'

const git = (...verb: string[]): string => execFileSync('git', ['--no-optional-locks', ...verb], { cwd: fileURLToPath(checkout), encoding: 'utf8' }).trim()

/** The commit that is drilled, and whether the files differ from it. */
export const commit = (): string => git('rev-parse', '--short', 'HEAD') + (git('status', '--porcelain', '--untracked-files=no') === '' ? '' : '-changed')

/** On what, and against what, is drilled: a few lines. */
export const machine = (postgres: PrivatePostgres | undefined): string => [
  `${availableParallelism()} cores (${cpus()[0]?.model ?? 'unknown'}), ${Math.round(totalmem() / 2 ** 30)} GiB, ${process.platform} ${release()} ${process.arch}`,
  `Node ${process.version}; ${[PrivateRedis.version(), postgres?.version ?? 'no PostgreSQL', Haproxy.version()].join('; ')}`
].join('\n')
