-- KEYS: a home timeline. ARGV and reply: those of home_read, whose milliseconds are ignored. Changes nothing, so that a
-- replica can run it while its master does not answer. An epoch of 0 means that there is no event log.
local home = KEYS[1]
if redis.call('EXISTS', home) == 0 then return redis.error_reply('NOLIST there is no list') end
local size = redis.call('LLEN', home)
local tail = size > 0 and redis.call('LINDEX', home, -1)
local epoch = redis.call('GET', 'live:' .. home)
local last = epoch and redis.call('XREVRANGE', 'log:' .. home, '+', '-', 'COUNT', 1)[1]
local ids = window(home, tail, size, ARGV[1], ARGV[2], tonumber(ARGV[3]))
local offset, stamp = '-1', '0'
if last then offset, stamp = last[1]:match('%d+$'), stamp_of(last) end
return {ids, tail, epoch or '0', offset, stamp, redis.call('EXISTS', sibling(home, 'joined'))}
