/** An answer's body; undefined, and the connection closed, where it has more bytes. */
export async function boundedBody (body: AsyncIterable<unknown>, bytes: number): Promise<Buffer | undefined> {
  const parts: Buffer[] = []
  let length = 0
  for await (const part of body) {
    if (!Buffer.isBuffer(part)) continue
    length += part.length
    if (length > bytes) return undefined // leaving the loop closes the connection
    parts.push(part)
  }
  return Buffer.concat(parts)
}
