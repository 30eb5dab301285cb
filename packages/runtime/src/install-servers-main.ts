import { environmentVariable } from './environment.ts'
import { findExecutable } from './find-executable.ts'
import { findPostgresServer, postgresServer } from './find-postgres-server.ts'
import { installServer } from './install-server.ts'
import { redisNotFound } from './managed-redis/redis-not-found.ts'
import { redisServers } from './managed-redis/redis-servers.ts'

// What the tests need on this machine: a Redis without which there is nothing to test, and a PostgreSQL where it can be had.
const tell = (line: string) => { process.stderr.write(`${line}\n`) }
const forbidden = environmentVariable('BATON_NO_INSTALL') === '1' ? 'installing (BATON_NO_INSTALL=1)' : undefined
const hasRedis = () => findExecutable(redisServers.executables) !== undefined

if (!hasRedis()) {
  const obstacle = forbidden ?? await installServer(redisServers, tell)
  if (!hasRedis()) {
    tell(redisNotFound(['redis-server, valkey-server (not on PATH; the tests start their own)', ...obstacle === undefined ? [] : [obstacle]]).toText())
    process.exitCode = 1
  }
}

if (process.exitCode === undefined && findPostgresServer() === undefined) {
  const obstacle = forbidden ?? await installServer(postgresServer, tell)
  if (findPostgresServer() === undefined) {
    tell(`WARNING: no PostgreSQL server on this machine; the tests that need one will be SKIPPED.
  Looked for: postgres and initdb (not on PATH, nor below /usr/lib/postgresql or /opt/homebrew/opt)${obstacle === undefined ? '' : `, ${obstacle}`}.
  Fix one of:
    Debian/Ubuntu   sudo apt-get install -y postgresql
    macOS           brew install ${postgresServer.brew}`)
  }
}
