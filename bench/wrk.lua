-- Posts bodies that never repeat and checks every answer; the last line of its output is one JSON object.
-- Arguments: path, prefix of the numbers, and the body in pieces between which the number stands.
-- wrk takes what one run needs from three Lua states: `setup` and `done` run in the main one, the rest in the thread's own.

local threads = {}

function setup (thread)
  table.insert(threads, thread)
end

function init (args)
  wrong = 0
  prefix = args[2]
  pieces = {}
  local length = 0
  for at = 3, #args do
    table.insert(pieces, args[at])
    length = length + #args[at]
  end
  length = length + (#pieces - 1) * (#prefix + 10)
  head = 'POST ' .. args[1] .. ' HTTP/1.1\r\nHost: ' .. wrk.host .. ':' .. wrk.port ..
    '\r\nContent-Type: application/json\r\nContent-Length: ' .. length .. '\r\n\r\n'
  count = 0
end

function request ()
  count = count + 1
  return head .. table.concat(pieces, prefix .. string.format('%010d', count))
end

function response (status, _, body)
  if status ~= 200 or not string.find(body, '"ErrorCode":0}', 1, true) then wrong = wrong + 1 end
end

function done (summary, latency)
  local wrong = 0
  for _, thread in ipairs(threads) do wrong = wrong + thread:get('wrong') end
  local errors = summary.errors
  io.write(string.format(
    '\n{"answers":%d,"wrong":%d,"broken":%d,"seconds":%f,"p50":%f,"p99":%f,"max":%f}\n',
    summary.requests, wrong, errors.connect + errors.read + errors.write + errors.timeout, summary.duration / 1e6,
    latency:percentile(50) / 1e3, latency:percentile(99) / 1e3, latency.max / 1e3
  ))
end
