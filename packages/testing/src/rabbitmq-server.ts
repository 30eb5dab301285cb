import { spawn, type ChildProcess } from 'node:child_process'
import { createHash, randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Test } from 'tap'
import { certificate } from './certificate.ts'
import { freePort } from './free-port.ts'

export interface RabbitmqServer {
  /** `127.0.0.1:<port>` without TLS. User `baton` with the password `secret` has all rights in the vhosts `/` and `chat`, `reader` with `secret` may not write in `/` and not enter `chat`. */
  address: string
  /** The same with TLS, under a certificate for 127.0.0.1 and localhost that `ca` has issued. */
  tls: string
  /** PEM. */
  ca: string
  /** Ends the node at once, as a crash would; what is durable stays. */
  stop: () => Promise<void>
  /** Starts it again, on the same ports and data. */
  start: () => Promise<void>
  /** Lets it answer nothing, with all of its connections open. */
  freeze: () => void
  thaw: () => void
}

/**
 * A RabbitMQ node of the test's own, gone when the test ends, and its own epmd with it. `settings`: what else its rabbitmq.conf says. Where this machine has no RabbitMQ the test is marked as
 * skipped, and the answer is undefined.
 */
export async function rabbitmqServer (t: Test, { settings = '' }: { settings?: string } = {}): Promise<RabbitmqServer | undefined> {
  // Debian's command on the PATH changes to a user of its own.
  const binary = ['/usr/lib/rabbitmq/bin', ...(process.env.PATH ?? '').split(delimiter), '/opt/homebrew/sbin', '/usr/local/sbin'].map(folder => join(folder, 'rabbitmq-server')).find(path => existsSync(path))
  if (binary === undefined) {
    t.pass('needs RabbitMQ', { skip: 'NOT TESTED: there is no RabbitMQ on this machine; install it (apt-get install rabbitmq-server, brew install rabbitmq)' })
    return undefined
  }
  const folder = mkdtempSync(join(tmpdir(), 'baton-rabbitmq-'))
  const [port, tlsPort, distribution, epmd] = [await freePort(), await freePort(), await freePort(), await freePort()]
  const authority = certificate({ name: 'authority', hosts: [] })
  const issued = certificate({ issuer: authority })
  const file = (name: string, text: string) => {
    writeFileSync(join(folder, name), text)
    return join(folder, name)
  }
  const user = (name: string) => ({ name, password_hash: passwordHash('secret'), hashing_algorithm: 'rabbit_password_hashing_sha256', tags: '' })
  const all = { configure: '.*', write: '.*', read: '.*' }
  const definitions = file('definitions.json', JSON.stringify({
    vhosts: [{ name: '/' }, { name: 'chat' }],
    users: [user('baton'), user('reader')],
    permissions: [{ user: 'baton', vhost: '/', ...all }, { user: 'baton', vhost: 'chat', ...all }, { user: 'reader', vhost: '/', ...all, write: '' }]
  }))
  const written = file('rabbitmq.conf', [
    `listeners.tcp.1 = 127.0.0.1:${port}`,
    `listeners.ssl.1 = 127.0.0.1:${tlsPort}`,
    `ssl_options.cacertfile = ${file('ca.pem', authority.cert)}`,
    `ssl_options.certfile = ${file('cert.pem', issued.cert)}`,
    `ssl_options.keyfile = ${file('key.pem', issued.key)}`,
    `load_definitions = ${definitions}`,
    'loopback_users = none',
    'log.console = true',
    'log.file = false',
    settings,
    ''
  ].join('\n'))
  const environment = {
    PATH: process.env.PATH,
    HOME: folder,
    RABBITMQ_NODENAME: `baton-${randomUUID()}@localhost`,
    RABBITMQ_CONFIG_FILE: written,
    RABBITMQ_CONF_ENV_FILE: file('rabbitmq-env.conf', ''),
    RABBITMQ_ENABLED_PLUGINS_FILE: file('enabled_plugins', '[].\n'),
    RABBITMQ_MNESIA_BASE: join(folder, 'data'),
    RABBITMQ_LOG_BASE: join(folder, 'log'),
    RABBITMQ_DIST_PORT: String(distribution),
    ERL_EPMD_PORT: String(epmd),
    ERL_EPMD_ADDRESS: '127.0.0.1',
    RUNNING_UNDER_SYSTEMD: 'true' // so that the script becomes the node itself, and is not its parent
  }
  // A node would leave one running behind it.
  const names = spawn('sh', ['-c', runUntilInputEnds, 'epmd', '-address', '127.0.0.1'], { env: environment, stdio: ['pipe', 'pipe', 'ignore'] })
  names.stdout.resume()

  let node: { process: ChildProcess, pid: number } | undefined
  let stopping = Promise.resolve()
  const start = async () => {
    await stopping // whoever saw its connection break may be quicker than the node's end
    node = await startNode(binary, environment)
  }
  const stop = async () => {
    if (node === undefined || node.process.exitCode !== null || node.process.signalCode !== null) return
    stopping = once(node.process, 'exit').then(() => {})
    node.process.stdin?.end()
    await stopping
  }
  const signal = (name: NodeJS.Signals) => { if (node !== undefined) process.kill(node.pid, name) }
  t.teardown(async () => {
    await stop()
    names.stdin.end()
    await once(names, 'exit')
    rmSync(folder, { recursive: true, force: true, maxRetries: 10 }) // what the node itself had started ends a moment later
  })
  await start()
  return {
    address: `127.0.0.1:${port}`, tls: `127.0.0.1:${tlsPort}`, ca: authority.cert, stop, start, freeze: () => { signal('SIGSTOP') }, thaw: () => { signal('SIGCONT') }
  }
}

/** As RabbitMQ keeps passwords: four bytes of salt, and the hash of them with the password. */
function passwordHash (password: string): string {
  const salt = Buffer.from('salt')
  return Buffer.concat([salt, createHash('sha256').update(salt).update(password).digest()]).toString('base64')
}

/** Runs a program until its input ends, as it also does when this process dies, and then kills it. */
const runUntilInputEnds = '"$0" "$@" >&2 & echo $!; exec >&- 2>&-; read -r _; kill -KILL $!; wait $!'

/** Resolves when the node says that it has started; rejects with what it said where it ends before. */
async function startNode (command: string, env: NodeJS.ProcessEnv): Promise<{ process: ChildProcess, pid: number }> {
  const node = spawn('sh', ['-c', runUntilInputEnds, command], { env, stdio: ['pipe', 'pipe', 'pipe'] })
  const said: string[] = []
  const pid = once(createInterface(node.stdout), 'line').then(([line]) => Number(line))
  await new Promise<void>((resolve, reject) => {
    node.once('error', reject)
    // Read to the end of its life: a full pipe would stop the node.
    createInterface(node.stderr).on('line', line => {
      if (said.length < 500) said.push(line)
      if (line.includes('Server startup complete')) resolve()
    }).once('close', () => {
      node.stdin.end()
      reject(new Error(`RabbitMQ ended:\n${said.slice(-50).join('\n')}`))
    })
  })
  return { process: node, pid: await pid }
}
