import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { Value } from '@sinclair/typebox/value'
import { Trial, nothingLeft, type TrialTask } from './trial.ts'

/** How long a trial may take, in ms: much longer than any of a module that only defines, on a machine that does much else. */
const longestTrial = 30_000

/**
 * Loads a module in a process of its own, and has it look at its settings: what computes without end, ends its process or keeps it open ends
 * there, with a problem to tell, and a mere check leaves nothing behind.
 */
export async function tryModule (task: TrialTask, { deadline = longestTrial }: { deadline?: number } = {}): Promise<Trial> {
  const child = fork(trialMain, { serialization: 'advanced', stdio: ['ignore', 'ignore', 'pipe', 'ipc'] })
  let said = ''
  child.stderr?.setEncoding('utf8').on('data', (text: string) => { said = (said + text).slice(-mostSaid) })
  let late = false
  const timer = setTimeout(() => {
    late = true
    child.kill('SIGKILL')
  }, deadline)
  try {
    return await new Promise<Trial>((resolve, reject) => {
      child.once('message', answer => { if (Value.Check(Trial, answer)) resolve(answer) })
      child.once('error', reject)
      child.once('close', (code, signal) => {
        const problem = `${task.file} ${late || code === nothingLeft ? 'was not loaded to its end: it awaits what does not come, or computes without end; what it does when it is loaded belongs into deliver' : whyEnded(code, signal, said)}`
        resolve({ problems: [{ at: ['module'], problem }] })
      })
      child.send(task, () => {}) // where that fails, its end tells
    })
  } finally {
    clearTimeout(timer)
    child.kill('SIGKILL')
  }
}

/** Always the built one, also where this file itself is run from source. */
const trialMain = fileURLToPath(new URL('./module/try-module-main.js', import.meta.resolve('@baton/targets')))

/** Characters of its last words. */
const mostSaid = 16_384

function whyEnded (code: number | null, signal: string | null, said: string): string {
  const [, place, error] = /^(?:file:\/\/)?(\/.*:\d+)\n[^]*?^(SyntaxError.*)$/m.exec(said) ?? []
  if (place !== undefined && error !== undefined) return `cannot be loaded: ${error} at ${place}; mend it`
  return `ended its process while it was loaded (${signal ?? `exit code ${code}`}); take out what ends it: only Baton's own main files call process.exit`
}
