import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import { giveSign, isOver, livingWorkers, takeSignBack, workerPatience, type Claim, type Consumer, type RelayState, type Retirement } from '@baton/queue'
import { BatonError } from '@baton/runtime'
import type { ConfiguredTarget } from '@baton/targets'
import type { RelayConfiguration } from './relay-configuration.ts'
import { registrationOf, startRouter, type RouterOptions } from './router.ts'
import { serveTarget, type ServeOptions, type ServedTarget } from './serve-target.ts'
import { within } from './within.ts'

/** ms between two signs of life. */
const interval = 1_000

/** ms after which a worker alerts that it has another relay file than the active one; a roll-out takes its time. */
const stalePatience = 60_000

/** ms between two of these alerts. */
const alertInterval = 600_000

/** ms for which nothing must have waited for a target that is gone from the file: routers of the file before may have been about to bring it something. */
const idlePatience = 10_000

/** How long an end waits for Redis to take its sign back, in ms. */
const farewell = 500

/** How long a change of the relay file waits for deliveries in hand, in ms; those that take longer go back to their queue. */
const changePatience = 20_000

export type RelayOptions = ServeOptions & Pick<RouterOptions, 'tail' | 'filterLog'>

/** Names of targets. */
export interface RelayChanges { added: string[], changed: string[], removed: string[] }

/**
 * What a worker does for its relay file: it delivers to its targets; and as long as the file is the active one of all workers, it routes.
 * The file that a worker was last started or reloaded with is the active one.
 */
export class Relay {
  readonly #options: RelayOptions
  readonly #worker = randomUUID()
  readonly #startedAt = Date.now()
  #configuration: RelayConfiguration
  readonly #served = new Map<string, ServedTarget>()
  /** Those that the relay file names no more, until nothing waits for them. */
  readonly #leaving = new Map<string, ServedTarget>()
  /** Names of targets that are being opened again. */
  readonly #reopening = new Set<string>()
  /** Targets whose retirement was told. */
  readonly #toldRetired = new Set<string>()
  #state: RelayState = { active: undefined, retirements: new Map() }
  #router: Consumer | undefined
  #timer: NodeJS.Timeout | undefined
  #signing: Promise<void> | undefined
  /** Endings that are under way: routers and targets. */
  readonly #ending = new Set<Promise<void>>()
  /** Since when signs were given without a failure, and since when another file is active, or none; on a clock that never goes back. */
  #steadySince = performance.now()
  #staleSince: number | undefined
  #alertedAt = -Infinity
  #closing = false
  /** Since when a file of this worker was the active one, as Redis tells the time. */
  #activeSince = 0
  /** Since when nothing waits for those that leave; on a clock that never goes back. */
  readonly #idleSince = new Map<string, number>()

  constructor (configuration: RelayConfiguration, options: RelayOptions) {
    this.#configuration = configuration
    this.#options = options
  }

  /** For how long another relay file has been active, in ms; 0 where its own is. */
  get staleFor (): number {
    return this.#staleSince === undefined ? 0 : performance.now() - this.#staleSince
  }

  get served (): readonly ServedTarget[] {
    return [...this.#served.values(), ...this.#leaving.values()]
  }

  /** Opens the targets; throws where a module of somebody's own cannot be opened. */
  async open (): Promise<void> {
    for (const settings of this.#configuration.targets) this.#served.set(settings.name, await serveTarget(settings, this.#options))
  }

  /** Makes the relay file the active one, and begins. Throws where Redis takes no writes. */
  async begin (): Promise<void> {
    await this.#sign('activate')
    for (const target of this.#served.values()) await target.begin()
    this.#follow()
    await this.#warnOfOthers()
    this.#timer = setInterval(() => { void this.#signOnce() }, interval)
  }

  /**
   * Goes over to another relay file: what has not changed goes on without a pause. Answers what has, or nothing. Throws RELAY_FILE_INVALID where something stands in the way,
   * or a module of somebody's own cannot be opened; then all is as it was.
   */
  async adopt (next: RelayConfiguration): Promise<RelayChanges | undefined> {
    const problems = await this.#obstaclesTo(next)
    if (problems.length > 0) throw new BatonError('RELAY_FILE_INVALID', 'The relay file cannot be taken now. Mend:', { problems })
    const isSame = ({ name, fingerprint }: ConfiguredTarget) => this.#served.get(name)?.settings.fingerprint === fingerprint
    const opened: ServedTarget[] = []
    const before = this.#configuration
    try {
      for (const settings of next.targets) if (!isSame(settings)) opened.push(await serveTarget(settings, this.#options))
      if (opened.length === 0 && next.version === before.version && this.#staleSince === undefined) return undefined
      if (this.#closing) throw new BatonError('RELAY_FILE_INVALID', 'This worker is stopping, and takes no relay file any more.')
      this.#configuration = next
      await this.#sign('activate')
    } catch (error) {
      this.#configuration = before
      await Promise.all(opened.map(async target => { await target.close(0) }))
      throw error
    }
    if (this.#closing) {
      for (const target of opened) this.#end(target.close(0))
      return undefined
    }
    this.#stopRouting()
    for (const target of opened) {
      const { name } = target.settings
      const old = this.#served.get(name) ?? this.#leaving.get(name)
      this.#leaving.delete(name)
      this.#served.set(name, target)
      this.#end((async () => {
        await old?.close(changePatience)
        if (!this.#closing && this.#served.get(name) === target) await target.begin()
      })())
    }
    const removed = [...this.#served.values()].filter(({ settings: { name } }) => !next.targets.some(settings => settings.name === name))
    for (const target of removed) {
      const { name } = target.settings
      this.#served.delete(name)
      this.#leaving.set(name, target)
    }
    this.#follow()
    await this.#warnOfOthers()
    const known = new Set(before.targets.map(({ name }) => name))
    const names = opened.map(({ settings: { name } }) => name)
    return { added: names.filter(name => !known.has(name)), changed: names.filter(name => known.has(name)), removed: removed.map(({ settings: { name } }) => name) }
  }

  async close (patience: number): Promise<void> {
    this.#closing = true
    clearInterval(this.#timer)
    this.#stopRouting(patience)
    for (const target of this.served) this.#end(target.close(patience))
    await Promise.all(this.#ending)
    const { redis } = this.#options.queues
    const farewells = async () => {
      await this.#signing
      await takeSignBack(redis, this.#worker)
    }
    if (redis.status === 'ready') await within(farewell, farewells())
  }

  /** What keeps it from going over to another relay file, a sentence each. */
  async #obstaclesTo (next: RelayConfiguration): Promise<string[]> {
    const names = new Set(next.targets.map(({ name }) => name))
    const obstacles: string[] = []
    for (const [name, target] of this.#served) {
      if (names.has(name) || this.#state.retirements.has(name) || await target.isIdle()) continue
      obstacles.push(`targets.${name} is gone from the file, and deliveries wait for it: name it again, or run \`baton target retire ${name} --drain\` to have them delivered, or with --drop to give them up`)
    }
    if (next.targets.some(({ needsEmbeddedPostgres }) => needsEmbeddedPostgres) && !this.#configuration.targets.some(({ needsEmbeddedPostgres }) => needsEmbeddedPostgres)) {
      obstacles.push('url: embedded is new, and the embedded PostgreSQL begins with `baton up` only: restart it')
    }
    return obstacles
  }

  /** One at a time; what fails is done by the next. */
  async #signOnce (): Promise<void> {
    if (this.#options.queues.redis.status !== 'ready') {
      this.#steadySince = performance.now()
      return
    }
    await (this.#signing ??= this.#signAndFollow().finally(() => { this.#signing = undefined }))
  }

  async #signAndFollow (): Promise<void> {
    try {
      await this.#sign(this.#claim())
      if (this.#closing) return
      this.#follow()
      await this.#letGoOfIdle()
    } catch {
      this.#steadySince = performance.now()
    }
  }

  async #sign (claim: Claim): Promise<void> {
    const { version, targets } = this.#configuration
    const sign = { worker: this.#worker, place: `${hostname()}:${process.pid}`, startedAt: this.#startedAt, version, delivers: this.served.map(({ settings: { name } }) => name), knowsRetired: [...this.#state.retirements.keys()] }
    this.#state = await giveSign(this.#options.queues.redis, sign, targets.map(registrationOf), claim)
  }

  #claim (): Claim {
    const now = performance.now()
    const { active } = this.#state
    if (active !== undefined && active.since < this.#activeSince) return 'restore'
    if (this.#staleSince === undefined) return 'keep'
    if (this.#state.active === undefined && now - this.#staleSince > workerPatience) return 'activate'
    return now - this.#steadySince > workerPatience ? 'inherit' : 'none' // after an outage of Redis nobody has given a sign for long
  }

  /** Does what the last sign was answered with. */
  #follow (): void {
    const { active, retirements } = this.#state
    const isActive = active?.version === this.#configuration.version
    if (isActive) {
      this.#activeSince = active.since
      this.#serveMissing()
      if (this.#router === undefined) this.#startRouting()
    }
    if (active !== undefined && active.since > this.#activeSince) this.#activeSince = 0 // another one came after it
    if (!isActive) this.#stopRouting()
    this.#staleSince = isActive ? undefined : this.#staleSince ?? performance.now()
    if (this.staleFor > stalePatience) void this.#alertStale().catch(() => {}) // the next one tells
    for (const name of this.#toldRetired) if (!retirements.has(name)) this.#toldRetired.delete(name)
    for (const [name, retirement] of retirements) this.#retire(name, retirement)
  }

  /** Opens what the file names and this worker has let go of, since it was retired then. */
  #serveMissing (): void {
    for (const settings of this.#configuration.targets) {
      const { name } = settings
      const retirement = this.#state.retirements.get(name)
      if (this.#served.has(name) || this.#reopening.has(name) || this.#closing || (retirement !== undefined && isOver(retirement))) continue
      this.#reopening.add(name)
      this.#end(serveTarget(settings, this.#options).then(async target => {
        if (this.#closing || this.#served.has(name)) return await target.close(0)
        this.#served.set(name, target)
        await target.begin()
      }).finally(() => { this.#reopening.delete(name) }))
    }
  }

  async #alertStale (): Promise<void> {
    if (performance.now() - this.#alertedAt < alertInterval) return
    this.#alertedAt = performance.now()
    const { active } = this.#state
    const bringer = (await livingWorkers(this.#options.queues.redis)).find(({ worker }) => worker === active?.worker)
    const starving = this.#configuration.targets.flatMap(({ name }) => bringer === undefined || bringer.delivers.includes(name) ? [] : [name])
    this.#options.log.error({ own: this.#configuration.version, active: active?.version, of: bringer?.place, starving, alert: 'RELAY_FILE_STALE' }, 'this worker has another relay file than the one that is active; it delivers what is there for its targets, and routes nothing: those that starve get nothing new. Give all workers the same file, reload or restart the one that is to win last, and bring what was missed with `baton journal rewind`')
  }

  /** To be called by whoever has just made its file the active one. */
  async #warnOfOthers (): Promise<void> {
    const named = new Set(this.#configuration.targets.map(({ name }) => name))
    const others = (await livingWorkers(this.#options.queues.redis)).filter(({ version }) => version !== this.#configuration.version)
    const starving = new Set(others.flatMap(({ delivers }) => delivers.filter(name => !named.has(name) && !this.#state.retirements.has(name))))
    if (starving.size === 0) return
    this.#options.log.warn({ targets: [...starving], workers: others.map(({ place }) => place), alert: 'RELAY_FILES_DIFFER' }, 'the relay file of this worker is the active one now, and does not name targets that other workers deliver to: they get nothing new. If that is not meant, give all workers the same file; `baton journal rewind` brings what was missed')
  }

  #retire (name: string, retirement: Retirement): void {
    const { log } = this.#options
    const target = this.#served.get(name) ?? this.#leaving.get(name)
    if (target === undefined) return
    if (!this.#toldRetired.has(name)) {
      this.#toldRetired.add(name)
      log.warn({ target: name, mode: retirement.mode }, retirement.done === undefined ? 'the target is being retired, and gets no new events' : 'the target is retired: take it out of the relay file; named again after that, it begins anew')
    }
    if (!isOver(retirement)) return
    this.#served.delete(name)
    this.#leaving.delete(name)
    this.#end(target.close(changePatience))
  }

  /** No router brings it anything: it is not in the active file. */
  async #letGoOfIdle (): Promise<void> {
    if (this.#state.active?.version !== this.#configuration.version) return
    for (const [name, target] of this.#leaving) {
      const isIdle = await target.isIdle()
      if (this.#leaving.get(name) !== target) continue
      if (!isIdle) this.#idleSince.delete(name)
      const since = this.#idleSince.get(name) ?? performance.now()
      if (isIdle) this.#idleSince.set(name, since)
      if (!isIdle || performance.now() - since < idlePatience) continue
      this.#leaving.delete(name)
      this.#idleSince.delete(name)
      this.#end(target.close(changePatience))
      this.#options.log.info({ target: name }, 'nothing waits any more for a target that is gone from the relay file')
    }
  }

  #startRouting (): void {
    if (this.#closing) return
    const { targets, version } = this.#configuration
    this.#router = startRouter({
      ...this.#options,
      targets,
      version,
      retirements: () => this.#state.retirements,
      stale: () => { void this.#signOnce() },
      ring: (target, journal) => { this.#served.get(target)?.ring(journal) }
    })
  }

  #stopRouting (patience = changePatience): void {
    const router = this.#router
    this.#router = undefined
    if (router !== undefined) this.#end(router.close(patience))
  }

  #end (ending: Promise<void>): void {
    const noted = ending.catch((err: unknown) => { this.#options.log.warn({ err }, 'something did not end well') }).finally(() => { this.#ending.delete(noted) })
    this.#ending.add(noted)
  }
}
