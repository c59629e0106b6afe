-- Functions of event logs, shared by all scripts: entries, their pub/sub notifications, and the epoch of a log.

local call, byte, ZERO, DASH = redis.call, string.byte, 48, 45

-- The part of the message of an entry that is the same in all logs.
local function message_of(...) return ' ' .. table.concat({...}, ' ') end

-- Appends to the event log of a live subject (a home timeline or a user's notifications) whose epoch is known, and notifies
-- its channel. The message holds the entry and its id, so that a consumer who has all entries before it need not read the
-- log. It is given, because an item is appended to many logs.
local function append_in(epoch, subject, kept, message, ...)
  local log = 'log:' .. subject
  local entry = call('XADD', log, 'MAXLEN', '~', kept, epoch .. '-*', ...)
  if byte(entry, -1) == ZERO and byte(entry, -2) == DASH then
    call('PEXPIRE', log, call('PTTL', 'live:' .. subject))
  end
  call('SPUBLISH', 'bell:' .. subject, entry .. message)
end

-- As `append_in`, if the user is live.
local function append(subject, kept, ...)
  local epoch = redis.call('GET', 'live:' .. subject)
  if epoch then append_in(epoch, subject, kept, message_of(...), ...) end
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
