import { pino, type Logger } from 'pino'
import type { Settings } from './environment.ts'

export type { Logger } from 'pino'

/** What is told of an error besides its type, message and stack. Never everything: ioredis, for one, hangs whole commands on it, with events and passwords. */
const harmless = ['code', 'errno', 'syscall', 'address', 'port', 'problems'] as const

/** One JSON line per entry on standard output. Errors are told by an allow list, secrets in settings are masked by name, and nobody logs bodies of callbacks. */
export function createLogger (name: string, level: Settings['LOG_LEVEL'], destination?: { write: (line: string) => void }): Logger {
  return pino({
    name,
    level,
    serializers: { err: describeError },
    redact: {
      paths: ['Sign', 'token', 'tokens', 'secret', 'secrets', 'password'].flatMap(secret => [secret, `*.${secret}`]),
      censor: '[redacted]'
    }
  }, destination ?? pino.destination(1))
}

function describeError (error: unknown): object {
  if (!(error instanceof Error)) return { message: String(error) }
  const { name: type, message, stack, cause } = error
  const told = Object.entries(error).filter(([key]) => harmless.some(name => name === key))
  return { type, message, stack, ...Object.fromEntries(told), ...(cause !== undefined && { cause: describeError(cause) }) }
}
