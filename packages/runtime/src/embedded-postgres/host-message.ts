import type { ErrorCode } from '../baton-error.ts'

/** What the process that runs PGlite tells its parent. */
export type HostMessage =
  | { type: 'ready', port: number }
  /** Another process has the folder still. */
  | { type: 'locked' }
  | { type: 'failed', code: ErrorCode, message: string }
