import { Type, type Static } from '@sinclair/typebox'
import { Value } from '@sinclair/typebox/value'
import type { Redis } from 'ioredis'
import { chunkSize } from './event-bits.ts'
import { activeRelayKey, journalsKey, pointerKey, retirementsKey, routedKey, settledKey, settledToKey, targetLimitsKey, targetStartsKey, targetsKey, workersKey } from './names.ts'
import type { RegisteredTarget } from './registered-targets.ts'
import { readRetirements, type Retirement } from './retirements.ts'

/** What a worker tells of itself, once a second. */
export const WorkerSign = Type.Object({
  /** Unique to this life of it. */
  worker: Type.String(),
  /** Where it runs, for people: host and process id. */
  place: Type.String(),
  /** ms since 1970. */
  startedAt: Type.Integer(),
  /** Of its relay file. */
  version: Type.String(),
  /** The targets that it delivers to, those included that its relay file names no more. */
  delivers: Type.Array(Type.String()),
  /** The targets whose retirement it knows of. */
  knowsRetired: Type.Array(Type.String())
})
export type WorkerSign = Static<typeof WorkerSign>

/** The relay file by which events are routed. */
export interface ActiveRelay {
  version: string
  /** The worker that brought it. */
  worker: string
  /** In ms since 1970. */
  since: number
}

export interface RelayState {
  /** Undefined where no worker has made one active, or Redis has lost its data. */
  active: ActiveRelay | undefined
  /** Targets that are being retired, or are. */
  retirements: ReadonlyMap<string, Retirement>
}

/**
 * When a worker's relay file becomes the active one. activate: at once, as somebody wants it so. restore: at once, as it was before Redis fell back to an older state of itself. keep: where there
 * is none; it was the active one until now. inherit: where no worker lives that has the active one. none: never.
 */
export type Claim = 'activate' | 'restore' | 'keep' | 'inherit' | 'none'

/** ms without a sign after which a worker counts as gone. */
export const workerPatience = 15_000

/** ms after which a worker that is gone is forgotten. */
const memory = 86_400_000

/**
 * Gives a sign of life of a worker, and makes its targets known if its relay file is the active one.
 *
 * Activating a file and making its new targets known are one step: no router notes an event as routed by the old file after a new target is waited for. What was routed before
 * is settled for it; but where no target is known at all, nothing was ever routed, or Redis has lost its data: then everything is theirs.
 */
export async function giveSign (redis: Redis, sign: WorkerSign, targets: readonly RegisteredTarget[], claim: Claim): Promise<RelayState> {
  const journals = claim === 'activate' ? await redis.hkeys(journalsKey) : []
  const reply: unknown = await redis.eval(announce, 6 + 4 * journals.length, activeRelayKey, workersKey, targetsKey, targetLimitsKey, targetStartsKey, retirementsKey, ...journals.flatMap(journal => [pointerKey(journal), settledToKey(journal), routedKey(journal, ''), settledKey(journal, '', '')]),
    sign.worker, sign.version, JSON.stringify(sign), JSON.stringify(targets.map(({ name, ...limits }) => ({ name, limits: JSON.stringify(limits) }))), claim, workerPatience, memory, chunkSize, ...journals)
  const [active, retirements]: unknown[] = Array.isArray(reply) ? reply : []
  return { active: active === '' ? undefined : readActive(String(active)), retirements: readRetirements(String(retirements)) }
}

/** Takes a worker that has ended from the list: nobody needs to wait whether it comes back. */
export async function takeSignBack (redis: Redis, worker: string): Promise<void> {
  await redis.hdel(workersKey, worker)
}

/** The workers that gave a sign not long ago, the eldest first. */
export async function livingWorkers (redis: Redis): Promise<WorkerSign[]> {
  const [signs, [seconds, microseconds]] = await Promise.all([redis.hvals(workersKey), redis.time()])
  const now = Number(seconds) * 1_000 + Number(microseconds) / 1_000
  return signs.flatMap(text => {
    const [, at, said = 'null'] = /^(\d+) (.*)$/s.exec(text) ?? []
    const sign: unknown = JSON.parse(said)
    return now - Number(at) < workerPatience && Value.Check(WorkerSign, sign) ? [sign] : []
  }).sort((a, b) => a.startedAt - b.startedAt)
}

/** The relay file by which events are routed; undefined before any worker was there. */
export async function activeRelay (redis: Redis): Promise<ActiveRelay | undefined> {
  const active = await redis.get(activeRelayKey)
  return active === null ? undefined : readActive(active)
}

function readActive (text: string): ActiveRelay {
  const [since, version = '', worker = ''] = text.split(' ')
  return { since: Number(since), version, worker }
}

/** All times are those of Redis. A target that is known, but without its start, would be waited for in vain. */
const announce = `
local worker, version, patience = ARGV[1], ARGV[2], tonumber(ARGV[6])
local claim, chunkSize = ARGV[5], tonumber(ARGV[8])
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('HSET', KEYS[2], worker, string.format('%.0f ', now) .. ARGV[3])

local active = redis.call('GET', KEYS[1])
local holds = active and string.match(active, '^%d+ (%S+)')
if holds ~= version or claim == 'activate' then
  local isHeld = false
  local signs = redis.call('HGETALL', KEYS[2])
  for nth = 1, #signs, 2 do
    local at, said = string.match(signs[nth + 1], '^(%d+) (.*)$')
    if now - at > tonumber(ARGV[7]) then redis.call('HDEL', KEYS[2], signs[nth])
    elseif now - at < patience and cjson.decode(said).version == holds then isHeld = true end
  end
  if holds ~= version and (claim == 'activate' or claim == 'restore' or (claim == 'keep' and not active) or (claim == 'inherit' and active and not isHeld)) then
    active = string.format('%.0f ', now) .. version .. ' ' .. worker
    redis.call('SET', KEYS[1], active)
    holds = version
  end
end

if holds == version then
  local fresh = redis.call('SCARD', KEYS[3]) == 0
  local named = {}
  for _, target in ipairs(cjson.decode(ARGV[4])) do
    named[target.name] = true
    local text = redis.call('HGET', KEYS[6], target.name)
    local retirement = text and cjson.decode(text)
    if retirement and retirement.unnamed and claim == 'activate' then
      redis.call('HDEL', KEYS[6], target.name)
      retirement = nil
    end
    if not (retirement and (retirement.done or claim == 'inherit')) then
      if redis.call('SADD', KEYS[3], target.name) == 1 and claim == 'activate' and not fresh then
        for nth = 9, #ARGV do
          local pointer, settledTo, routed, settled = unpack(KEYS, 7 + 4 * (nth - 9), 10 + 4 * (nth - 9))
          local reached = tonumber(string.match(redis.call('GET', pointer) or '0', '^%d+'))
          local first = tonumber(redis.call('GET', settledTo) or 0)
          redis.call('HSETNX', KEYS[5], target.name .. ':' .. ARGV[nth], first)
          for chunk = math.floor((first + 1) / chunkSize), math.floor(reached / chunkSize) do
            local own = string.sub(settled, 1, -2) .. target.name .. ':' .. chunk
            redis.call('BITOP', 'OR', own, own, routed .. chunk)
          end
        end
      end
      redis.call('HSET', KEYS[4], target.name, target.limits)
    end
  end
  local retirements = redis.call('HGETALL', KEYS[6])
  for nth = 1, #retirements, 2 do
    local retirement = cjson.decode(retirements[nth + 1])
    if retirement.done and not retirement.unnamed and not named[retirements[nth]] then
      retirement.unnamed = true
      redis.call('HSET', KEYS[6], retirements[nth], cjson.encode(retirement))
    end
  end
end
local retirements, found = {}, redis.call('HGETALL', KEYS[6])
for nth = 1, #found, 2 do retirements[found[nth]] = cjson.decode(found[nth + 1]) end
return { active or '', cjson.encode(retirements) }`
