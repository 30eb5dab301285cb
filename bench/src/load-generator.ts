import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { bodyPieces, target } from './callback-bodies.ts'
import { cpuSeconds } from './cpu-seconds.ts'
import { isLoad, type Load } from './load.ts'

export interface LoadGenerator {
  name: 'wrk' | 'autocannon'
  /** `cores`: how busy the generator itself was; near 1 it is what was measured. */
  run: (url: string, connections: number, seconds: number) => Promise<Load & { cores: number | undefined }>
}

/** ms between two looks at the generator's CPU time. */
const lookInterval = 50

let runs = 0
/** No two runs send the same body. */
const newPrefix = (): string => `${Date.now().toString(36)}${String(++runs).padStart(4, '0')}`

/** wrk where it is installed, since it takes far less of the CPU that the server needs; else autocannon. */
export async function loadGenerator (): Promise<LoadGenerator> {
  const script = fileURLToPath(new URL('../../wrk.lua', import.meta.url))
  const autocannon = fileURLToPath(new URL('./autocannon-main.js', import.meta.url))
  return await hasWrk()
    ? {
        name: 'wrk',
        run: (url, connections, seconds) => generate('wrk', ['-t1', `-c${connections}`, `-d${seconds}s`, '--timeout', '10s', '-s', script, new URL(url).origin, '--', target, newPrefix(), ...bodyPieces])
      }
    : {
        name: 'autocannon',
        run: (url, connections, seconds) => generate(process.execPath, [autocannon, new URL(url).origin, String(connections), String(seconds), newPrefix()])
      }
}

async function hasWrk (): Promise<boolean> {
  const child = spawn('wrk', ['--version'], { stdio: 'ignore' })
  return await new Promise(resolve => {
    child.once('error', () => { resolve(false) })
    child.once('exit', () => { resolve(true) })
  })
}

/** Runs a generator, whose last line of output is a `Load`. */
export async function generate (program: string, args: readonly string[]): Promise<Load & { cores: number | undefined }> {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  let output = ''
  child.stdout.on('data', (chunk: Buffer) => { output += String(chunk) })
  let used: number | undefined
  const looks = setInterval(() => {
    void cpuSeconds(child.pid ?? 0).then(seconds => { used = seconds ?? used })
  }, lookInterval)
  const [code] = await once(child, 'close')
  clearInterval(looks)
  const load: unknown = code === 0 ? JSON.parse(output.trimEnd().split('\n').at(-1) ?? '') : undefined
  if (!isLoad(load)) throw new Error(`${program} ended with code ${code} and told nothing of use: ${output}`)
  return { ...load, cores: used === undefined ? undefined : used / load.seconds }
}
