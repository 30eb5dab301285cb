import { readFileSync, readdirSync } from 'node:fs'

export interface SampleCallback {
  name: string
  command: string
  /** The bytes of the sample request. */
  body: Buffer
}

const folder = new URL('../../fixtures/callbacks/', import.meta.url)

/** The sample requests of Tencent's pages in all editions at hand: comments removed, an unquoted key mended, whitespace kept. */
export const sampleCallbacks = (): SampleCallback[] => readdirSync(folder).sort().map(name => ({
  name,
  command: name.startsWith('after-create-topic') ? 'Group.CallbackAfterCreateTopic' : 'Group.CallbackAfterCreateGroup',
  body: readFileSync(new URL(name, folder))
}))
