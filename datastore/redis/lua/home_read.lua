-- KEYS: a home timeline. ARGV: "older" or "newer", the id to start from ("" for the head), how many,
-- milliseconds the person counts as live, milliseconds the list lives.
-- Returns the ids (newest first, sentinel left out), the list's last element, epoch, place and stamp of the event log, and
-- whether the person is in the audiences of all whom they follow: all of one moment. Makes the person live.
local home = KEYS[1]
local size = redis.call('LLEN', home)
local tail = size > 0 and redis.call('LINDEX', home, -1)

local epoch, place, stamp = revive(home, ARGV[4])

if tail and tail ~= BUILDING then redis.call('PEXPIRE', home, ARGV[5]) end
local ids = window(home, tail, size, ARGV[1], ARGV[2], tonumber(ARGV[3]))
return {ids, tail, epoch, place, stamp, redis.call('EXISTS', sibling(home, 'joined'))}
