import { chunkSize } from './event-bits.ts'

/**
 * Puts events of one bitmap into their lanes. An event that is settled never comes back: what was delivered after it may not be overtaken.
 * Answers the numbers of those whose dead letters are still there.
 */
const push = `
local laned, lanes, bytes, lane, untold, placed, settled, failed, job = unpack(KEYS)
local dead = {}
for nth = 2, #ARGV, 6 do
  local seq, place, name, digest, id, event = unpack(ARGV, nth, nth + 5)
  if redis.call('GETBIT', settled, place) == 0 then
    local field = ARGV[1] .. ':' .. seq
    if redis.call('HEXISTS', laned, field) == 0 then
      if redis.call('EXISTS', job .. id) == 0 then
        redis.call('HSET', laned, field, event)
        redis.call('INCRBY', bytes, #event)
        redis.call('ZADD', lane .. name, seq, seq)
        redis.call('SADD', lanes, name)
        redis.call('ZADD', untold, seq, digest .. ':' .. seq)
      elseif redis.call('ZSCORE', failed, id) then
        table.insert(dead, seq)
      end
    end
    redis.call('SETBIT', placed, place, 1)
  end
end
return dead`

/** Moves the horizon of a journal and a target on, and answers where it stands and the events before it that nobody was told of. */
const due = `
local horizonKey, placedPrefix, settledPrefix, settledTo, starts, untold = unpack(KEYS)
local held = tonumber(redis.call('GET', horizonKey) or '0')
local horizon = math.max(held, tonumber(redis.call('GET', settledTo) or '0'), tonumber(redis.call('HGET', starts, ARGV[1]) or '0'))
local open = true
while open do
  local chunk = math.floor((horizon + 1) / ${chunkSize})
  local byte = math.floor((horizon + 1) % ${chunkSize} / 8)
  local last = math.min(byte + 255, ${chunkSize / 8 - 1})
  local placed = redis.call('GETRANGE', placedPrefix .. chunk, byte, last)
  local settled = redis.call('GETRANGE', settledPrefix .. chunk, byte, last)
  for at = 1, last - byte + 1 do
    local bits = bit.bor(string.byte(placed, at) or 0, string.byte(settled, at) or 0)
    local first = (horizon + 1) % 8
    if first == 0 and bits == 0xFF then
      horizon = horizon + 8
      first = 8
    end
    while first < 8 and bit.band(bits, bit.rshift(0x80, first)) ~= 0 do
      horizon = horizon + 1
      first = first + 1
    end
    if first < 8 then
      open = false
      break
    end
  end
end
if horizon > held then redis.call('SET', horizonKey, string.format('%.0f', horizon)) end
return { string.format('%.0f', horizon), unpack(redis.call('ZRANGEBYSCORE', untold, '-inf', horizon, 'LIMIT', 0, ARGV[2])) }`

/** What both of the next need: the events of a lane that may be delivered now. */
const ready = `
local function ready (lane, laned, horizon, journal, limit)
  local fields = {}
  for nth, seq in ipairs(redis.call('ZRANGEBYSCORE', lane, '-inf', redis.call('GET', horizon) or '0', 'LIMIT', 0, limit)) do fields[nth] = journal .. ':' .. seq end
  if #fields == 0 then return {} end
  return redis.call('HMGET', laned, unpack(fields))
end
`

/** Takes a lane in hand. Whoever had it and did not let go has died with its first event in hand, or with one soon after. */
const take = `${ready}
local lane, state, laned, horizon, lanes = unpack(KEYS)
local token, journal, name, limit = unpack(ARGV)
local head = redis.call('ZRANGE', lane, 0, 0)[1]
if not head then
  redis.call('DEL', state)
  redis.call('SREM', lanes, name)
  return { 'empty' }
end
if redis.call('HEXISTS', state, 'blocked') == 1 then return { 'blocked' } end
local events = ready(lane, laned, horizon, journal, limit)
if #events == 0 then return { 'empty' } end
if redis.call('HEXISTS', state, 'holder') == 1 then
  if redis.call('HGET', state, 'suspect') == head then redis.call('HINCRBY', state, 'deaths', 1)
  else redis.call('HSET', state, 'suspect', head, 'deaths', 1) end
end
redis.call('HSET', state, 'holder', token)
local suspect, deaths, tried, attempts, since, rejected = unpack(redis.call('HMGET', state, 'suspect', 'deaths', 'tried', 'attempts', 'since', 'rejected'))
if suspect ~= head then deaths = false end
if tried ~= head then attempts, since, rejected = false, false, false end
return { 'taken', deaths or '0', attempts or '0', since or '', rejected or '', unpack(events) }`

/** Settles the first events of a lane, as long as it is in the same hands, and answers the next. Where nothing is left to do, the lane is let go. */
const settle = `${ready}
local lane, state, laned, horizon, lanes, bytes, settledPrefix, deadPrefix, deadChunks, deadChanges = unpack(KEYS)
local token, journal, name, limit, target, dead = unpack(ARGV)
if redis.call('HGET', state, 'holder') ~= token then return { 'lost' } end
for nth = 7, #ARGV do
  local seq = ARGV[nth]
  if redis.call('ZRANGE', lane, 0, 0)[1] ~= seq then return { 'lost' } end
  redis.call('ZREM', lane, seq)
  local field = journal .. ':' .. seq
  redis.call('DECRBY', bytes, redis.call('HSTRLEN', laned, field))
  redis.call('HDEL', laned, field)
  local chunk, place = math.floor(seq / ${chunkSize}), seq % ${chunkSize}
  redis.call('SETBIT', settledPrefix .. chunk, place, 1)
  if dead == '1' then
    redis.call('SETBIT', deadPrefix .. chunk, place, 1)
    redis.call('SADD', deadChunks, target .. ':' .. chunk)
    redis.call('INCR', deadChanges)
  end
end
if redis.call('EXISTS', lane) == 0 then
  redis.call('DEL', state)
  redis.call('SREM', lanes, name)
  return { 'settled' }
end
redis.call('HDEL', state, 'suspect', 'deaths', 'tried', 'attempts', 'since', 'rejected')
if limit == '0' then return { 'settled' } end
local events = ready(lane, laned, horizon, journal, limit)
if #events == 0 then redis.call('HDEL', state, 'holder') end
return { 'settled', unpack(events) }`

/** Notes how it stands with the first event of a lane, as long as the lane is in the same hands; without a token in the end it is let go. */
const note = `
local state, blocked = unpack(KEYS)
if redis.call('HGET', state, 'holder') ~= ARGV[1] then return 0 end
if ARGV[2] == '1' then redis.call('HDEL', state, 'holder') end
if #ARGV > 4 then redis.call('HSET', state, unpack(ARGV, 5)) end
if ARGV[4] ~= '' then redis.call('HSET', blocked, ARGV[3], ARGV[4]) end
return 1`

/** Opens a lane that waits for an operator, with its first event or without it; 0 where it does not wait, or for another event. */
const open = `
local state, blocked, lane, laned, lanes, bytes, settled = unpack(KEYS)
local name, journal, seq, place, without = unpack(ARGV)
if redis.call('HGET', state, 'blocked') ~= seq then return 0 end
redis.call('DEL', state)
redis.call('HDEL', blocked, name)
if without == '1' then
  local field = journal .. ':' .. seq
  redis.call('ZREM', lane, seq)
  redis.call('DECRBY', bytes, redis.call('HSTRLEN', laned, field))
  redis.call('HDEL', laned, field)
  redis.call('SETBIT', settled, place, 1)
  if redis.call('EXISTS', lane) == 0 then redis.call('SREM', lanes, name) end
end
return 1`

/** The scripts of the lanes by their names, with how many keys each has. */
export const laneScripts = {
  batonLanePush: { numberOfKeys: 9, lua: push },
  batonLanesDue: { numberOfKeys: 6, lua: due },
  batonLaneTake: { numberOfKeys: 5, lua: take },
  batonLaneSettle: { numberOfKeys: 10, lua: settle },
  batonLaneNote: { numberOfKeys: 2, lua: note },
  batonLaneOpen: { numberOfKeys: 7, lua: open }
}
