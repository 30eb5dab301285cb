import { access, constants, open } from 'node:fs/promises'
import { dirname } from 'node:path'

// A target of your own: it appends events to a file, one line of JSON each, and answers when they are on the disk.
// It needs nothing but Node, since a target may be a plain object.

/** The same outcome for all. */
const alike = (events, outcome) => events.map(() => outcome)

export const target = {
  type: 'append-to-file',

  // Most events in one call of deliver; 1 where this is left out. One fsync for many is what makes it fast.
  together: 500,

  // A JSON Schema, checked by `baton check`. The descriptions stand in the messages that an operator gets.
  settings: {
    type: 'object',
    properties: {
      file: { type: 'string', minLength: 1, description: 'Where events are appended, one line each; its folder must exist.' },
      longestLine: { type: 'integer', minimum: 1_000, default: 2_000_000, description: 'Events whose line would be longer are rejected, in bytes.' }
    },
    required: ['file']
  },

  // What the schema cannot tell: the setting, and a sentence. Never its value, which may be a secret.
  problemOf: ({ file }) => file.endsWith('/') ? ['file', 'is a folder; name the file in it'] : undefined,

  // What `baton check` shows.
  describe: ({ file }) => ({ to: file }),

  // Answers at once, and touches nothing: a file that cannot be written is no reason for the worker not to start.
  open: ({ file, longestLine }, { log }) => {
    log.info('events are appended to the file that the relay file names')
    return {
      // What `baton target test` asks.
      async test () {
        return await writable(file).then(() => ({ kind: 'delivered' }), outcomeOf)
      },

      async deliver (events, { signal }) {
        const lines = events.map(lineOf)
        const fitting = lines.filter(line => line.length <= longestLine)
        // What is known to have failed is answered, not thrown: the code says what kind of trouble it is, the reason what to do about it.
        if (signal.aborted) return alike(events, { kind: 'retry', code: 'file_no_time', reason: 'there was no time left to begin' })
        try {
          if (fitting.length > 0) await appendDurably(file, Buffer.concat(fitting))
        } catch (error) {
          return alike(events, outcomeOf(error))
        }
        return lines.map(line => line.length <= longestLine
          ? { kind: 'delivered' }
          : { kind: 'reject', code: 'file_line_too_long', reason: 'its line is longer than longestLine; raise that and replay it, or let it be' })
      },

      // The file is opened anew for each batch, so there is nothing to let go of, and it may be renamed at any time (logrotate).
      async close () {}
    }
  }
}

/**
 * One line of JSON for an event. The body goes in as the bytes that came, since JSON.parse would spoil numbers above 2^53. JSON has
 * no line breaks within its strings, so those that it has are only between them, and blanks do as well there.
 */
function lineOf ({ id, appId, command, receivedAt, body }) {
  const bytes = Buffer.from(body.subarray(0, 3).equals(byteOrderMark) ? body.subarray(3) : body).map(byte => byte === 0x0A || byte === 0x0D ? 0x20 : byte)
  // Every event comes at least once. A file cannot tell that it has one already, so each line has the id, by which its readers drop repeats.
  const head = JSON.stringify({ id, appId, command, receivedAt: new Date(receivedAt).toISOString() })
  return Buffer.concat([Buffer.from(`${head.slice(0, -1)},"body":`), bytes, Buffer.from('}\n')])
}

const byteOrderMark = Buffer.from([0xEF, 0xBB, 0xBF])

/** Whether the file could be written; nothing is left in it, and none is made. */
async function writable (file) {
  await access(await access(file).then(() => file, () => dirname(file)), constants.W_OK)
}

/** Appends whole lines, with one write and one fsync for all of them: with the answer Baton forgets the events. */
async function appendDurably (file, lines) {
  const handle = await open(file, 'a+')
  try {
    const { size } = await handle.stat()
    // A disk that was full may have left half a line: what follows begins on a new one, and readers pass over what is no JSON.
    const torn = size > 0 && (await handle.read(Buffer.alloc(1), 0, 1, size - 1)).buffer[0] !== 0x0A
    // One write, which the system puts at the end as a whole: several workers of one machine may share the file.
    const bytes = torn ? Buffer.concat([Buffer.from('\n'), lines]) : lines
    const { bytesWritten } = await handle.write(bytes)
    if (bytesWritten < bytes.length) throw Object.assign(new Error('the disk took a part only'), { code: 'ENOSPC' })
    await handle.datasync()
    if (size === 0) await syncFolder(dirname(file))
  } finally {
    await handle.close()
  }
}

/** A new file is there after a power loss only if its folder was written, too. */
async function syncFolder (folder) {
  const handle = await open(folder)
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** Trouble with the disk passes; a path that is wrong needs somebody to mend it, so it is tried slowly. No message of Node's: it would repeat the path. */
function outcomeOf (error) {
  const code = `file_${String(error.code ?? 'unknown').toLowerCase()}`
  return ['ENOENT', 'ENOTDIR', 'EISDIR', 'EACCES', 'EPERM', 'EROFS'].includes(error.code)
    ? { kind: 'retry', slow: true, code, reason: 'the file cannot be written; see to its folder, its owner and its mode' }
    : { kind: 'retry', code, reason: 'the file could not be written' }
}
