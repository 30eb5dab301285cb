import { readFileSync } from 'node:fs'
import { findNodeAtLocation, parseTree } from 'jsonc-parser'

export interface DocumentedExample {
  command: string
  /** The example as it stands in the file, byte for byte. */
  body: Buffer
}

/** Tencent's documentation as data: an array of commands. */
const file = new URL(import.meta.resolve('@baton/contracts/fixtures/commands.json'))

/** The examples of all commands that have one. They are cut out of the file, since JSON.parse corrupts ids above 2^53. */
export function documentedExamples (): DocumentedExample[] {
  const bytes = readFileSync(file)
  const documented = parseTree(bytes.toString('latin1'))?.children ?? [] // in latin1 a character is a byte
  return documented.flatMap(entry => {
    const [command, example] = ['command', 'example'].map(name => findNodeAtLocation(entry, [name]))
    return example?.type === 'object' ? [{ command: String(command?.value), body: bytes.subarray(example.offset, example.offset + example.length) }] : []
  })
}
