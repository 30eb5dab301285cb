/** Why Baton does not start or a verb does not end well. Closed: docs/errors.md explains each, and a test compares the two. */
export const errorCodes = [
  'SETTINGS_INVALID',
  'RELAY_FILE_MISSING',
  'RELAY_FILE_INVALID',
  'PORT_IN_USE',
  'DATA_DIR_UNWRITABLE',
  'DATA_DIR_IN_USE',
  'JOURNAL_UNUSABLE',
  'REDIS_NOT_FOUND',
  'REDIS_UNREACHABLE',
  'REDIS_UNUSABLE',
  'EMBEDDED_POSTGRES_FAILED',
  'PROCESS_DIED',
  'INGRESS_UNREACHABLE',
  'TARGET_UNUSABLE',
  'NOT_FOUND',
  'BAD_ARGUMENT',
  'UNEXPECTED'
] as const

export type ErrorCode = (typeof errorCodes)[number]

/** The one error class. The message says what is wrong and what to do next; `problems` lists everything found at once. */
export class BatonError extends Error {
  override readonly name = 'BatonError'
  readonly code: ErrorCode
  readonly problems: readonly string[]

  constructor (code: ErrorCode, message: string, options: { cause?: unknown, problems?: readonly string[] } = {}) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined)
    this.code = code
    this.problems = options.problems ?? []
  }

  /** Any thrown value as a BatonError; the original is kept as the cause. */
  static from (thrown: unknown): BatonError {
    if (thrown instanceof BatonError) return thrown
    const error = thrown instanceof Error ? thrown : new Error(String(thrown))
    if ('code' in error && error.code === 'EADDRINUSE') {
      const port = 'port' in error ? ` ${String(error.port)}` : ''
      return new BatonError('PORT_IN_USE', `The port${port} is in use. Stop what listens there, or choose another one: PORT is the ingress's, WORKER_PORT the worker's, EMBEDDED_PG_PORT the embedded PostgreSQL's (0 = any free one).`, { cause: error })
    }
    return new BatonError('UNEXPECTED', error.message, { cause: error })
  }

  /** The text for an operator's terminal. */
  toText (): string {
    return [`${this.message} (${this.code})`, ...this.problems.map(problem => `  - ${problem}`)].join('\n')
  }
}
