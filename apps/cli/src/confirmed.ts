import { createInterface } from 'node:readline/promises'
import { BatonError } from '@baton/runtime'

/** Whether somebody at the terminal says yes; throws BAD_ARGUMENT where nobody is there to ask. For what cannot be undone, unless --yes was given. */
export async function confirmed (question: string): Promise<boolean> {
  if (!process.stdin.isTTY || !process.stderr.isTTY) throw new BatonError('BAD_ARGUMENT', `${question} Nobody is there to answer: add --yes, or try --dry-run.`)
  const terminal = createInterface({ input: process.stdin, output: process.stderr })
  try {
    return /^y(es)?$/i.test((await terminal.question(`${question} [y/N] `)).trim())
  } finally {
    terminal.close()
  }
}
