import { pino, type Logger } from 'pino'
import type { Settings } from './environment.ts'

export type { Logger } from 'pino'

/**
 * One JSON line per entry on standard output. Secrets are redacted by name wherever they stand;
 * bodies of callbacks are logged by nobody above trace.
 */
export function createLogger (name: string, level: Settings['LOG_LEVEL']): Logger {
  return pino({
    name,
    level,
    redact: {
      paths: ['Sign', '*.Sign', 'token', '*.token', 'tokens', '*.tokens', 'secret', '*.secret', 'secrets', '*.secrets', 'password', '*.password', 'url.password', 'req.headers.authorization', 'headers.authorization'],
      censor: '[redacted]'
    }
  })
}
