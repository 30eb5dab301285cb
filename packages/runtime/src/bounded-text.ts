/** The text of an answer's body; undefined, and the connection closed, where it has more bytes. */
export async function boundedText (body: AsyncIterable<unknown>, bytes: number): Promise<string | undefined> {
  const parts: Buffer[] = []
  let length = 0
  for await (const part of body) {
    if (!Buffer.isBuffer(part)) continue
    length += part.length
    if (length > bytes) return undefined // leaving the loop closes the connection
    parts.push(part)
  }
  return Buffer.concat(parts).toString('utf8')
}
