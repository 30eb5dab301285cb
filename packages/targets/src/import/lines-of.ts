/** A line of a file, without its end. */
export interface Line {
  /** From 1. */
  number: number
  /** Undefined where it is longer than anybody can mean. */
  bytes: Buffer | undefined
}

/** In bytes. A community of 100,000 members takes some 20 MB; what is longer is no file of lines. */
const longest = 128 * 1024 * 1024

const lineFeed = 10

/** The lines of a stream that are not blank, one at a time: of a file of any size no more than one is in memory. */
export async function * linesOf (stream: AsyncIterable<Buffer>): AsyncGenerator<Line> {
  let number = 1
  let pieces: Buffer[] = []
  let length = 0
  const add = (piece: Buffer) => {
    length += piece.length
    if (length > longest) pieces = []
    else pieces.push(piece)
  }
  const end = (): Line[] => {
    const line: Line = { number: number++, bytes: length > longest ? undefined : Buffer.concat(pieces) }
    pieces = []
    length = 0
    return line.bytes !== undefined && isBlank(line.bytes) ? [] : [line]
  }
  for await (const chunk of stream) {
    let from = 0
    for (let at = chunk.indexOf(lineFeed); at !== -1; at = chunk.indexOf(lineFeed, from)) {
      add(chunk.subarray(from, at))
      yield * end()
      from = at + 1
    }
    add(chunk.subarray(from))
  }
  yield * end()
}

const isBlank = (bytes: Buffer): boolean => bytes.every(byte => byte === 32 || byte === 9 || byte === 13)
