import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Test } from 'tap'
import { certificate } from './certificate.ts'
import { freePort } from './free-port.ts'

export interface NatsServer {
  /** `127.0.0.1:<port>` */
  address: string
  /** PEM of who has issued the certificate of a server with TLS; it is for 127.0.0.1 and localhost. */
  ca: string
  /** Ends the server at once, as a crash would; what its streams hold stays. */
  stop: () => Promise<void>
  /** Starts it again, on the same port and data. */
  start: () => Promise<void>
  /** Lets it answer nothing, with all of its connections open. */
  freeze: () => void
  thaw: () => void
}

/**
 * A NATS server with JetStream of the test's own, gone when the test ends. `settings`: what else its configuration says. Where this machine has no NATS the test is marked as skipped, and the
 * answer is undefined.
 */
export async function natsServer (t: Test, { settings = '', tls = false, jetstream = true }: { settings?: string, tls?: boolean, jetstream?: boolean } = {}): Promise<NatsServer | undefined> {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/opt/homebrew/bin', '/usr/local/bin']
  const binary = folders.map(folder => join(folder, 'nats-server')).find(path => existsSync(path))
  if (binary === undefined) {
    t.pass('needs NATS', { skip: 'NOT TESTED: there is no NATS server on this machine; install one (apt-get install nats-server, brew install nats-server)' })
    return undefined
  }
  const folder = mkdtempSync(join(tmpdir(), 'baton-nats-'))
  const port = await freePort()
  const authority = certificate({ name: 'authority', hosts: [] })
  const issued = certificate({ issuer: authority })
  const file = (name: string, text: string) => {
    writeFileSync(join(folder, name), text)
    return JSON.stringify(join(folder, name))
  }
  const written = file('nats.conf', [
    `listen: "127.0.0.1:${port}"`,
    ...jetstream ? [`jetstream { store_dir: ${JSON.stringify(join(folder, 'data'))} }`] : [],
    ...tls ? [`tls { cert_file: ${file('cert.pem', issued.cert)}, key_file: ${file('key.pem', issued.key)} }`] : [],
    settings
  ].join('\n'))

  let server: { process: ChildProcess, pid: number } | undefined
  let stopping = Promise.resolve()
  const start = async () => {
    await stopping // whoever saw its connection break may be quicker than the server's end
    server = await startServer(binary, ['-c', JSON.parse(written)])
  }
  const stop = async () => {
    if (server === undefined || server.process.exitCode !== null || server.process.signalCode !== null) return
    stopping = once(server.process, 'exit').then(() => {})
    server.process.stdin?.end()
    await stopping
  }
  const signal = (name: NodeJS.Signals) => { if (server !== undefined) process.kill(server.pid, name) }
  t.teardown(async () => {
    await stop()
    rmSync(folder, { recursive: true, force: true })
  })
  await start()
  return { address: `127.0.0.1:${port}`, ca: authority.cert, stop, start, freeze: () => { signal('SIGSTOP') }, thaw: () => { signal('SIGCONT') } }
}

/** Runs the server until its input ends, as it also does when this process dies, and then kills it. */
const runUntilInputEnds = '"$0" "$@" & echo $!; exec >&- 2>&-; read -r _; kill -KILL $!; wait $!'

/** Resolves when the server says that it takes connections; rejects with what it said where it ends before. */
async function startServer (command: string, options: string[]): Promise<{ process: ChildProcess, pid: number }> {
  const server = spawn('sh', ['-c', runUntilInputEnds, command, ...options], { stdio: ['pipe', 'pipe', 'pipe'] })
  const said: string[] = []
  const pid = once(createInterface(server.stdout), 'line').then(([line]) => Number(line))
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    // Read to the end of its life: a full pipe would stop the server.
    createInterface(server.stderr).on('line', line => {
      if (said.length < 100) said.push(line)
      if (line.includes('Server is ready')) resolve()
    }).once('close', () => {
      server.stdin.end()
      reject(new Error(`nats-server ended:\n${said.join('\n')}`))
    })
  })
  return { process: server, pid: await pid }
}
