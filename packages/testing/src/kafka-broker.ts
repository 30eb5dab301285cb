import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { Test } from 'tap'
import { certificate } from './certificate.ts'
import { freePort } from './free-port.ts'

export interface KafkaBroker {
  /** `127.0.0.1:<port>`: no TLS, no sign-on, all rights. */
  plain: string
  /** SASL without TLS, PLAIN and SCRAM-SHA-256: `baton` with the password `secret` has all rights, `guest` with `guest` has none. */
  sasl: string
  /** TLS, with a certificate for 127.0.0.1 and localhost that `ca` has issued. */
  tls: string
  /** PEM. */
  ca: string
  /** As `plain`, but it sends its clients on to `doorPort`, where somebody may stand in between. */
  door: string
  doorPort: number
  /** Ends the broker at once, as a crash would; its data stays. */
  stop: () => Promise<void>
  /** Starts it again, on the same ports and data. */
  start: () => Promise<void>
  /** Lets it answer nothing, with all of its connections open. */
  freeze: () => void
  thaw: () => void
}

/** Where `mvn package` puts what a broker is made of; the same from src and from dist/src. */
const jars = [fileURLToPath(new URL('../kafka/jars', import.meta.url)), fileURLToPath(new URL('../../kafka/jars', import.meta.url))]

/**
 * A Kafka broker of the test's own, which is its own controller, gone when the test ends. It creates no topics by itself. Where this machine has no Java, or the broker has not been fetched, the
 * test is marked as skipped, and the answer is undefined.
 */
export async function kafkaBroker (t: Test): Promise<KafkaBroker | undefined> {
  const java = (process.env.PATH ?? '').split(delimiter).map(folder => join(folder, 'java')).find(path => existsSync(path))
  const classes = jars.find(folder => existsSync(folder))
  if (java === undefined || classes === undefined) {
    t.pass('needs Kafka', { skip: 'NOT TESTED: there is no Kafka on this machine; get it with Java 17 and Maven (apt-get install default-jdk-headless maven, brew install openjdk maven): mvn -q -f packages/testing/kafka package' })
    return undefined
  }
  const folder = mkdtempSync(join(tmpdir(), 'baton-kafka-'))
  const [plain, sasl, tls, door, doorPort, controller] = [await freePort(), await freePort(), await freePort(), await freePort(), await freePort(), await freePort()]
  const authority = certificate({ name: 'authority', hosts: [] })
  const issued = certificate({ issuer: authority })
  const settings = join(folder, 'server.properties')
  writeFileSync(settings, properties({
    'process.roles': 'broker,controller',
    'node.id': 1,
    'controller.quorum.voters': `1@127.0.0.1:${controller}`,
    'controller.listener.names': 'CONTROLLER',
    'inter.broker.listener.name': 'PLAIN',
    listeners: `PLAIN://127.0.0.1:${plain},SIGNED://127.0.0.1:${sasl},TLS://127.0.0.1:${tls},DOOR://127.0.0.1:${door},CONTROLLER://127.0.0.1:${controller}`,
    'advertised.listeners': `PLAIN://127.0.0.1:${plain},SIGNED://127.0.0.1:${sasl},TLS://127.0.0.1:${tls},DOOR://127.0.0.1:${doorPort}`,
    'listener.security.protocol.map': 'PLAIN:PLAINTEXT,SIGNED:SASL_PLAINTEXT,TLS:SSL,DOOR:PLAINTEXT,CONTROLLER:PLAINTEXT',
    'listener.name.signed.sasl.enabled.mechanisms': 'PLAIN,SCRAM-SHA-256',
    'listener.name.signed.plain.sasl.jaas.config': 'org.apache.kafka.common.security.plain.PlainLoginModule required user_baton="secret" user_guest="guest";',
    'listener.name.signed.scram-sha-256.sasl.jaas.config': 'org.apache.kafka.common.security.scram.ScramLoginModule required;',
    'ssl.keystore.type': 'PEM',
    'ssl.keystore.certificate.chain': issued.cert,
    'ssl.keystore.key': issued.key,
    'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
    'super.users': 'User:ANONYMOUS;User:baton',
    'log.dirs': join(folder, 'data'),
    'auto.create.topics.enable': false,
    'offsets.topic.replication.factor': 1,
    'offsets.topic.num.partitions': 1,
    'transaction.state.log.replication.factor': 1,
    'group.initial.rebalance.delay.ms': 0,
    // Until it has missed so many signs of life of a broker that was killed, the controller lets it not in again.
    'broker.heartbeat.interval.ms': 100,
    'broker.session.timeout.ms': 1_000
  }))
  const options = ['-Xmx256m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-cp', join(classes, '*')]
  execFileSync(java, [...options, 'kafka.tools.StorageTool', 'format', '--cluster-id', 'MkU3OEVBNTcwNTJENDM2Qk', '--config', settings, '--add-scram', 'SCRAM-SHA-256=[name=baton,password=secret]'], { cwd: folder, stdio: 'ignore' })

  let broker: { process: ChildProcess, pid: number } | undefined
  let stopping = Promise.resolve()
  const start = async () => {
    await stopping // whoever saw its connection break may be quicker than the broker's end
    broker = await startBroker(java, [...options, 'kafka.Kafka', settings], folder)
  }
  const stop = async () => {
    if (broker === undefined || broker.process.exitCode !== null || broker.process.signalCode !== null) return
    stopping = once(broker.process, 'exit').then(() => {})
    broker.process.stdin?.end()
    await stopping
  }
  const signal = (name: NodeJS.Signals) => { if (broker !== undefined) process.kill(broker.pid, name) }
  t.teardown(async () => {
    await stop()
    rmSync(folder, { recursive: true, force: true })
  })
  await start()
  const at = (port: number) => `127.0.0.1:${port}`
  return { plain: at(plain), sasl: at(sasl), tls: at(tls), ca: authority.cert, door: at(door), doorPort, stop, start, freeze: () => { signal('SIGSTOP') }, thaw: () => { signal('SIGCONT') } }
}

const properties = (entries: Record<string, string | number | boolean>): string =>
  Object.entries(entries).map(([name, value]) => `${name}=${String(value).replaceAll('\n', '\\n')}\n`).join('')

/** Runs the broker until its input ends, as it also does when this process dies, and then kills it. */
const runUntilInputEnds = '"$0" "$@" >&2 & echo $!; exec >&- 2>&-; read -r _; kill -KILL $!; wait $!'

/** Resolves when the broker says that it has started; rejects with what it said where it ends before. */
async function startBroker (command: string, options: string[], cwd: string): Promise<{ process: ChildProcess, pid: number }> {
  const broker = spawn('sh', ['-c', runUntilInputEnds, command, ...options], { cwd, stdio: ['pipe', 'pipe', 'pipe'] })
  const said: string[] = []
  const pid = once(createInterface(broker.stdout), 'line').then(([line]) => Number(line))
  await new Promise<void>((resolve, reject) => {
    broker.once('error', reject)
    // Read to the end of its life: a full pipe would stop the broker.
    createInterface(broker.stderr).on('line', line => {
      if (said.length < 1_000) said.push(line)
      if (line.includes('Kafka Server started')) resolve()
    }).once('close', () => reject(new Error(`Kafka ended:\n${said.slice(-50).join('\n')}`)))
  })
  return { process: broker, pid: await pid }
}
