import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { freePort } from './free-port.ts'

export interface PrivateRedis {
  url: string
  stop: () => Promise<void>
}

const programs = ['redis-server', 'valkey-server'] as const

/** The first of them that is on PATH. */
async function findProgram (): Promise<string | undefined> {
  for (const program of programs) {
    const child = spawn(program, ['--version'], { stdio: 'ignore' })
    const isThere = await new Promise<boolean>(resolve => {
      child.once('error', () => { resolve(false) })
      child.once('exit', () => { resolve(true) })
    })
    if (isThere) return program
  }
  return undefined
}

export const hasRedis = async (): Promise<boolean> => await findProgram() !== undefined

/** A Redis of this run alone, as durable as it commonly is: appendonly, everysec. */
export async function startPrivateRedis (folder: string): Promise<PrivateRedis> {
  const program = await findProgram()
  if (program === undefined) throw new Error(`there is none of ${programs.join(', ')} on PATH`)
  const port = await freePort()
  const child = spawn(program, ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, '--save', '', '--appendonly', 'yes', '--appendfsync', 'everysec', '--maxmemory-policy', 'noeviction'], { stdio: ['ignore', 'pipe', 'inherit'] })
  await new Promise<void>((resolve, reject) => {
    let output = ''
    child.once('exit', code => { reject(new Error(`${program} ended with code ${code}: ${output}`)) })
    child.stdout.on('data', (chunk: Buffer) => {
      output += String(chunk)
      if (output.includes('Ready to accept connections')) resolve()
    })
  })
  return {
    url: `redis://127.0.0.1:${port}`,
    stop: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return
      child.kill('SIGKILL')
      await once(child, 'exit')
    }
  }
}
