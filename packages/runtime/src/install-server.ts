import { execFile, spawn } from 'node:child_process'
import { promisify } from 'node:util'
import { findExecutable } from './find-executable.ts'

export interface ServerPackage {
  /** For people. */
  what: string
  apt: string
  brew: string
}

/**
 * Installs a server with the machine's package manager, where that needs no password; what it runs is announced first.
 * Answers what stood in the way, or nothing. No service is started by it.
 */
export async function installServer ({ what, apt, brew }: ServerPackage, announce: (line: string) => void): Promise<string | undefined> {
  const installer = await findInstaller(apt, brew)
  if (typeof installer === 'string') return installer
  announce(`${what} is missing on this machine; installing it (BATON_NO_INSTALL=1 prevents this). Baton runs its own instance of it; where the package also sets up a system service, you may disable that one (systemctl disable ${apt}):`)
  for (const [command = '', ...args] of installer) {
    announce(`  ${[command, ...args].join(' ')}`)
    const trouble = await run(command, args)
    // A stale list of packages may still do; only the last command, the installation itself, decides.
    if (trouble !== undefined && args.includes('install')) return `${[command, ...args].join(' ')} (${trouble})`
  }
  return undefined
}

/** The commands to run, or why there are none. */
async function findInstaller (apt: string, brew: string): Promise<string[][] | string> {
  const aptGet = findExecutable(['apt-get'])
  if (aptGet !== undefined) {
    const prefix = await rootPrefix()
    if (prefix === undefined) return 'apt-get (needs root, or sudo without a password)'
    // RUNLEVEL=1 makes Debian's maintainer scripts leave the service stopped.
    const command = [...prefix, 'env', 'RUNLEVEL=1', 'DEBIAN_FRONTEND=noninteractive', 'apt-get']
    return [[...command, 'update'], [...command, 'install', '-y', '--no-install-recommends', apt]]
  }
  if (findExecutable(['brew']) !== undefined) return [['brew', 'install', brew]]
  return 'apt-get, brew (not on PATH)'
}

async function rootPrefix (): Promise<string[] | undefined> {
  if (process.getuid?.() === 0) return []
  const sudo = findExecutable(['sudo'])
  if (sudo === undefined) return undefined
  return await promisify(execFile)(sudo, ['-n', 'true'], { timeout: 10_000 }).then(() => ['sudo', '-n'], () => undefined)
}

const run = (command: string, args: string[]): Promise<string | undefined> => new Promise(resolve => {
  // Its output goes to our standard error: ours on standard output may be read by a program.
  spawn(command, args, { stdio: ['ignore', 2, 2] })
    .once('error', error => resolve(error.message))
    .once('exit', (code, signal) => resolve(code === 0 ? undefined : signal ?? `exit code ${code}`))
})
