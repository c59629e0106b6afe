-- Functions shared by all scripts. A home timeline is a list of item ids as decimal text, newest first, and one unbroken
-- window of the timeline. Its last element may be a sentinel: "0" if nothing older exists, "-1" while a rebuild is under
-- way and the list holds only ids pushed since it began. Ids are compared as text: Lua's numbers round large ids.
local COMPLETE, BUILDING = '0', '-1'

local function newer(a, b) return #a > #b or (#a == #b and a > b) end

-- Index of the first element that is not newer than id.
local function index_of(key, id, length)
  local low, high = 0, length
  while low < high do
    local middle = math.floor((low + high) / 2)
    if newer(redis.call('LINDEX', key, middle), id) then low = middle + 1 else high = middle end
  end
  return low
end

local function sibling(home, kind) return (home:gsub('^home', kind, 1)) end

-- Appends to the event log of a subject (a home timeline or a user's notifications) if the user is live, and notifies its
-- channel. The message holds the entry and its id, so that a consumer who has all entries before it need not read the log.
local function append(subject, kept, ...)
  local live, log = 'live:' .. subject, 'log:' .. subject
  local epoch = redis.call('GET', live)
  if not epoch then return end
  local entry = redis.call('XADD', log, 'MAXLEN', '~', kept, epoch .. '-*', ...)
  if entry:match('%-0$') then redis.call('PEXPIRE', log, redis.call('PTTL', live)) end
  redis.call('SPUBLISH', 'bell:' .. subject, entry .. ' ' .. table.concat({...}, ' '))
end

-- Publishes a change of a home timeline. During a rebuild nothing is published, for its end publishes a reset.
local function publish(home, kept, ...)
  if redis.call('LINDEX', home, -1) ~= BUILDING then append(home, kept, ...) end
end

-- The time of an entry. It distinguishes the entry from one that had the same offset before Redis lost the end of the log.
local function stamp_of(entry)
  for i = 1, #entry[2], 2 do
    if entry[2][i] == 'at' then return entry[2][i + 1] end
  end
end

-- Makes the user live, or keeps them live. Returns epoch, last offset of the event log (-1 if it is empty) and its stamp.
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

-- At most `count` ids of a list next to `from` ("" for the head), newest first; none of a list under rebuild.
local function window(home, tail, size, direction, from, count)
  if not tail or tail == BUILDING then return {} end
  if tail == COMPLETE then size = size - 1 end
  local first = 0
  if from ~= '' then first = index_of(home, from, size) end
  if direction == 'newer' then
    first, count = math.max(first - count, 0), math.min(first, count)
  elseif from ~= '' and redis.call('LINDEX', home, first) == from then
    first = first + 1
  end
  if count <= 0 or first >= size then return {} end
  return redis.call('LRANGE', home, first, math.min(first + count, size) - 1)
end

-- Merges two descending lists of ids, without duplicates and sentinels, to at most `length`. Also returns whether all ids
-- fitted.
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
