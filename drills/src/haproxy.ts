import { execFileSync, spawn } from 'node:child_process'
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { freePort } from '@baton/testing'
import { StartedProcess } from './started-process.ts'

/** Debian keeps it where only root's PATH leads. */
const sbin = '/usr/sbin/haproxy'
const program = existsSync(sbin) ? sbin : 'haproxy'

const server = (url: string): string => `server ${nameOf(url)} ${new URL(url).host}`
const nameOf = (url: string): string => `on-${new URL(url).port}`

/** What an operator would write. Only a connection that did not come about is tried again: a callback that was sent never is. */
const configuration = (port: number, urls: readonly string[]): string => `
defaults
  mode http
  timeout connect 1s
  timeout client 30s
  timeout server 5s
  timeout check 2s
  retries 3
  option redispatch

frontend callbacks
  bind 127.0.0.1:${port}
  stats enable
  stats uri /stats
  default_backend ingresses

backend ingresses
  balance roundrobin
  option httpchk GET /readyz
  default-server check inter 200ms fall 2 rise 2
  ${urls.map(server).join('\n  ')}
`

/** A load balancer before some ingresses. */
export class Haproxy {
  readonly url: string
  readonly #process: StartedProcess

  private constructor (url: string, process: StartedProcess) {
    this.url = url
    this.#process = process
  }

  static version (): string {
    try {
      return /HAProxy version [^ ]*/.exec(execFileSync(program, ['-v'], { encoding: 'utf8' }))?.[0] ?? 'HAProxy'
    } catch {
      return 'no HAProxy'
    }
  }

  /** Resolves once it takes requests; throws where it is not installed. */
  static async start (folder: string, urls: readonly string[]): Promise<Haproxy> {
    const port = await freePort()
    const file = join(folder, 'haproxy.cfg')
    writeFileSync(file, configuration(port, urls))
    const child = spawn(program, ['-db', '-f', file], { stdio: ['ignore', 'ignore', 'pipe'] })
    let said = ''
    child.stderr.on('data', (chunk: Buffer) => { said = (said + String(chunk)).slice(-1_000) })
    const balancer = new Haproxy(`http://127.0.0.1:${port}/`, new StartedProcess(child))
    while (!(await Promise.all(urls.map(async url => await balancer.sees(url)))).every(up => up)) {
      if (balancer.#process.ending !== undefined) throw new Error(`haproxy ended: ${said}`)
      await pause(20)
    }
    return balancer
  }

  /** Whether it takes an ingress for up. */
  async sees (url: string): Promise<boolean> {
    const answer = await fetch(new URL('stats;csv', this.url)).catch(() => undefined)
    const line = (await answer?.text() ?? '').split('\n').find(line => line.startsWith(`ingresses,${nameOf(url)},`))
    return line?.split(',').includes('UP') ?? false
  }

  async stop (): Promise<void> {
    await this.#process.end('SIGKILL')
  }
}
