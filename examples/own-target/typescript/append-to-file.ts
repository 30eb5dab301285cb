import { open, type FileHandle } from 'node:fs/promises'
import { dirname } from 'node:path'
import { Type, defineTarget, delivered, type Event, type Outcome } from '@baton/targets'

// The same as ../append-to-file.js, with types: the settings' follow from their schema, what deliver must answer from defineTarget.

export const target = defineTarget({
  type: 'append-to-file',
  together: 500,
  settings: Type.Object({
    file: Type.String({ minLength: 1, description: 'Where events are appended, one line each; its folder must exist.' }),
    longestLine: Type.Integer({ minimum: 1_000, default: 2_000_000, description: 'Events whose line would be longer are rejected, in bytes.' })
  }),
  problemOf: ({ file }) => file.endsWith('/') ? ['file', 'is a folder; name the file in it'] : undefined,
  describe: ({ file }) => ({ to: file }),
  open: ({ file, longestLine }, { log }) => {
    log.info('events are appended to the file that the relay file names')
    return {
      async deliver (events, { signal }) {
        const lines = events.map(lineOf)
        const fitting = lines.filter(line => line.length <= longestLine)
        if (signal.aborted) return alike(events, { kind: 'retry', code: 'file_no_time', reason: 'there was no time left to begin' })
        try {
          if (fitting.length > 0) await appendDurably(file, Buffer.concat(fitting))
        } catch (error) {
          return alike(events, outcomeOf(error))
        }
        return lines.map((line): Outcome => line.length <= longestLine
          ? delivered
          : { kind: 'reject', code: 'file_line_too_long', reason: 'its line is longer than longestLine; raise that and replay it, or let it be' })
      },
      async close () {}
    }
  }
})

const alike = (events: readonly Event[], outcome: Outcome): Outcome[] => events.map(() => outcome)

/** One line of JSON for an event, with its body as the bytes that came. Line breaks of JSON stand between its strings only, where blanks do as well. */
function lineOf ({ id, appId, command, receivedAt, body }: Event): Buffer {
  const bytes = Buffer.from(body.subarray(0, 3).equals(byteOrderMark) ? body.subarray(3) : body).map(byte => byte === 0x0A || byte === 0x0D ? 0x20 : byte)
  const head = JSON.stringify({ id, appId, command, receivedAt: new Date(receivedAt).toISOString() })
  return Buffer.concat([Buffer.from(`${head.slice(0, -1)},"body":`), bytes, Buffer.from('}\n')])
}

const byteOrderMark = Buffer.from([0xEF, 0xBB, 0xBF])

/** Appends whole lines, with one write and one fsync for all of them. What half a line is, after a full disk, ends before them. */
async function appendDurably (file: string, lines: Buffer): Promise<void> {
  await using(await open(file, 'a+'), async handle => {
    const { size } = await handle.stat()
    const torn = size > 0 && (await handle.read(Buffer.alloc(1), 0, 1, size - 1)).buffer[0] !== 0x0A
    const bytes = torn ? Buffer.concat([Buffer.from('\n'), lines]) : lines
    const { bytesWritten } = await handle.write(bytes)
    if (bytesWritten < bytes.length) throw Object.assign(new Error('the disk took a part only'), { code: 'ENOSPC' })
    await handle.datasync()
    if (size === 0) await using(await open(dirname(file)), async folder => { await folder.sync() })
  })
}

async function using (handle: FileHandle, use: (handle: FileHandle) => Promise<void>): Promise<void> {
  try {
    await use(handle)
  } finally {
    await handle.close()
  }
}

const wrongPath = ['ENOENT', 'ENOTDIR', 'EISDIR', 'EACCES', 'EPERM', 'EROFS']

/** Trouble with the disk passes; a path that is wrong needs somebody to mend it, so it is tried slowly. */
function outcomeOf (error: unknown): Outcome {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown'
  return wrongPath.includes(code)
    ? { kind: 'retry', slow: true, code: `file_${code.toLowerCase()}`, reason: 'the file cannot be written; see to its folder, its owner and its mode' }
    : { kind: 'retry', code: `file_${code.toLowerCase()}`, reason: 'the file could not be written' }
}
