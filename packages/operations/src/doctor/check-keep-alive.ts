import { fail, ok, warn, type Finding } from './finding.ts'
import type { Visit } from './visit.ts'

/** Whether a connection serves for one callback after another, as Tencent likes to have it. */
export async function checkKeepAlive (visit: Visit): Promise<Finding> {
  const before = await visit.ask()
  const after = await visit.ask()
  const silence = before.silence ?? after.silence
  if (silence !== undefined || after.silence !== undefined) return fail(`a probe got no answer (${silence ?? ''})`, 'Run the doctor again; see the log of what stands in front.')
  if (after.reused) return ok('a connection serves for several callbacks')
  return warn(`every callback needs a new connection${after.headers.connection === 'close' ? ' (Connection: close)' : ''}`, 'Switch keep-alive on in what stands in front: Tencent keeps its connections, and a new one costs each callback a handshake. An ingress that is just being stopped does this too.')
}
