-- KEYS: a home timeline. ARGV: "older" or "newer", the id to start from ("" for the head), how many,
-- milliseconds for which the user counts as live, TTL of the list in milliseconds.
-- Returns the ids (newest first, without the sentinel), the list's last element, epoch, offset and stamp of the end of the
-- event log, and whether the user is in the audiences of all fan-out-on-read authors whom they follow; all of one moment.
-- Makes the user live.
local home = KEYS[1]
local size = redis.call('LLEN', home)
local tail = size > 0 and redis.call('LINDEX', home, -1)

local epoch, offset, stamp = revive(home, ARGV[4])

if tail and tail ~= BUILDING then redis.call('PEXPIRE', home, ARGV[5]) end
local ids = window(home, tail, size, ARGV[1], ARGV[2], tonumber(ARGV[3]))
return {ids, tail, epoch, offset, stamp, redis.call('EXISTS', sibling(home, 'joined'))}
