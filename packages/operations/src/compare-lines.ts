import { createReadStream } from 'node:fs'

/** Bytes. A body of 1 MiB, every byte of it escaped as \u0000, is shorter. */
const longest = 8 << 20
const newline = 10

/** A line of a file, as bytes: what they mean is for others to say. */
export interface FileLine {
  /** From 1. */
  number: number
  /** Undefined where it is too long to be a callback. */
  bytes: Buffer | undefined
}

/** The lines of a file that are not empty, some at a time. Needs no more memory than for one line. */
export async function * linesOf (file: string): AsyncGenerator<FileLine[]> {
  let number = 1
  let begun: Buffer[] = []
  let length = 0
  const add = (part: Buffer) => {
    length += part.length
    if (length <= longest) begun.push(part)
  }
  const end = (): FileLine[] => {
    const line = { number: number++, bytes: length > longest ? undefined : Buffer.concat(begun) }
    const isEmpty = length === 0 || line.bytes?.toString('latin1').trim() === ''
    begun = []
    length = 0
    return isEmpty ? [] : [line]
  }
  const stream: AsyncIterable<Buffer> = createReadStream(file, { highWaterMark: 1 << 18 })
  for await (const chunk of stream) {
    const lines: FileLine[] = []
    let from = 0
    for (let to = chunk.indexOf(newline); to >= 0; from = to + 1, to = chunk.indexOf(newline, from)) {
      add(chunk.subarray(from, to))
      lines.push(...end())
    }
    add(chunk.subarray(from))
    yield lines
  }
  yield end()
}
