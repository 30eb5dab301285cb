import type { ServerPackage } from '../install-server.ts'

/** What can serve as Redis, and the packages that bring it. */
export const redisServers: ServerPackage & { executables: readonly string[] } = {
  executables: ['redis-server', 'valkey-server'],
  what: 'Redis',
  apt: 'redis-server',
  brew: 'redis'
}
