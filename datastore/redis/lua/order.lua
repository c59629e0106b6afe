-- Shared by the scripts on home timelines. A list holds item ids as decimal text, newest first, and is one unbroken
-- window of the timeline. Its last element may be a sentinel: "0", nothing older exists; "-1", a rebuild is under way
-- and what stands here was pushed since it began. Ids are compared as text: Lua's numbers would merge neighbours.
local COMPLETE, BUILDING = '0', '-1'

local function newer(a, b) return #a > #b or (#a == #b and a > b) end

-- Index of the first element that is not newer than id.
local function place_of(key, id, length)
  local low, high = 0, length
  while low < high do
    local middle = math.floor((low + high) / 2)
    if newer(redis.call('LINDEX', key, middle), id) then low = middle + 1 else high = middle end
  end
  return low
end

local function sibling(home, kind) return (home:gsub('^home', kind, 1)) end

-- Appends to the event log of a subject, a home timeline or somebody's notifications, if they are live, and rings. The
-- bell says what was appended and where, so that who knows all up to there need not read the log.
local function append(subject, kept, ...)
  local live, log = 'live:' .. subject, 'log:' .. subject
  local epoch = redis.call('GET', live)
  if not epoch then return end
  local entry = redis.call('XADD', log, 'MAXLEN', '~', kept, epoch .. '-*', ...)
  if entry:match('%-0$') then redis.call('PEXPIRE', log, redis.call('PTTL', live)) end
  redis.call('SPUBLISH', 'bell:' .. subject, entry .. ' ' .. table.concat({...}, ' '))
end

-- A home timeline under way tells nothing: its end resets.
local function tell(home, kept, ...)
  if redis.call('LINDEX', home, -1) ~= BUILDING then append(home, kept, ...) end
end

-- When what an entry of an event log tells happened, which tells it from another that had its place once.
local function stamp_of(entry)
  for i = 1, #entry[2], 2 do
    if entry[2][i] == 'at' then return entry[2][i + 1] end
  end
end

-- Makes the person live, or keeps them so. Epoch, last place of the event log and its stamp; -1: nothing is in it yet.
local function revive(subject, live_ms)
  local live, log = 'live:' .. subject, 'log:' .. subject
  local epoch = redis.call('GET', live)
  if not epoch then
    local time = redis.call('TIME')
    epoch = string.format('%d%03d', time[1], math.floor(time[2] / 1000))
    redis.call('DEL', log)
    redis.call('SET', live, epoch, 'PX', live_ms)
    return epoch, '-1', '0'
  end
  redis.call('PEXPIRE', live, live_ms)
  redis.call('PEXPIRE', log, live_ms)
  local last = redis.call('XREVRANGE', log, '+', '-', 'COUNT', 1)[1]
  if not last then return epoch, '-1', '0' end
  return epoch, last[1]:match('%d+$'), stamp_of(last)
end

-- At most `count` ids of a list next to `from` ("" for the head), newest first; none of one that is being built.
local function window(home, tail, size, direction, from, count)
  if not tail or tail == BUILDING then return {} end
  if tail == COMPLETE then size = size - 1 end
  local first = 0
  if from ~= '' then first = place_of(home, from, size) end
  if direction == 'newer' then
    first, count = math.max(first - count, 0), math.min(first, count)
  elseif from ~= '' and redis.call('LINDEX', home, first) == from then
    first = first + 1
  end
  if count <= 0 or first >= size then return {} end
  return redis.call('LRANGE', home, first, math.min(first + count, size) - 1)
end

-- Two descending lists of ids as one, each id once, at most `length`; sentinels stay behind.
local function merged(a, b, length)
  local out, i, j = {}, 1, 1
  local function real(id) return id and id ~= COMPLETE and id ~= BUILDING end
  while #out < length and (real(a[i]) or real(b[j])) do
    if not real(b[j]) or (real(a[i]) and newer(a[i], b[j])) then
      out[#out + 1] = a[i]
      i = i + 1
    else
      if a[i] == b[j] then i = i + 1 end
      out[#out + 1] = b[j]
      j = j + 1
    end
  end
  return out, not real(a[i]) and not real(b[j])
end

local function replace(home, ids, sentinel, ttl_ms)
  redis.call('DEL', home)
  for from = 1, #ids, 500 do
    redis.call('RPUSH', home, unpack(ids, from, math.min(from + 499, #ids)))
  end
  if sentinel then redis.call('RPUSH', home, sentinel) end
  redis.call('PEXPIRE', home, ttl_ms)
end
