import { spawn } from 'node:child_process'
import { EventEmitter } from 'node:events'
import { createRequire } from 'node:module'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { Part, Running } from './supervise.ts'

const builds = new EventEmitter()

/**
 * `tsc -b -w` over the whole repository, for `npm run dev`. It is ready with the first build that has no errors.
 * @param tsc the compiler's script
 */
export const compiler = (tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc')): Part => ({
  name: 'compiler',
  whenItDies: 'end',
  start: async stopping => {
    const child = spawn(process.execPath, [tsc, '-b', '-w', '--preserveWatchOutput'], {
      cwd: fileURLToPath(new URL('../../../../', import.meta.url)),
      detached: true,
      stdio: ['ignore', 'pipe', 'inherit']
    })
    const exited = new Promise<string>(resolve => child
      .once('exit', (code, signal) => resolve(signal ?? `exit code ${code}`))
      .once('error', error => resolve(error.message)))
    const built = new Promise<void>(resolve => {
      createInterface(child.stdout).on('line', line => {
        process.stderr.write(`${line}\n`)
        if (!line.includes('Found 0 errors')) return
        resolve()
        builds.emit('built')
      })
    })
    const kill = () => { child.kill('SIGTERM') }
    stopping.addEventListener('abort', kill)
    if (stopping.aborted) kill()
    await Promise.race([built, exited])
    stopping.removeEventListener('abort', kill)
    return { exited, stop: async () => { kill(); await exited }, kill }
  }
})

/** A part that is started anew with each build; one that dies is left until the next. */
export const rebuilt = (part: Part): Part => ({
  ...part,
  start: async stopping => {
    let current: Running | undefined = await part.start(stopping)
    let turn = Promise.resolve()
    const restart = async () => {
      await current?.stop()
      current = undefined
      if (stopping.aborted) return
      current = await part.start(stopping).catch((error: Error) => {
        process.stderr.write(`${error.message}\n`)
        return undefined
      })
    }
    const onBuilt = () => { turn = turn.then(restart) }
    builds.on('built', onBuilt)
    return {
      exited: new Promise(() => {}),
      stop: async () => {
        builds.off('built', onBuilt)
        await turn
        await current?.stop()
      },
      kill: () => current?.kill()
    }
  }
})
