-- KEYS: a home timeline, its build key. ARGV: token, length of the list, TTL of the list in milliseconds, events kept,
-- Unix milliseconds, "0" if nothing is older than the ids (else ""), then ids, newest first.
-- Ends the rebuild of this token: merges the ids with those pushed meanwhile. Returns 1, or 0 if it was superseded.
local home, build = KEYS[1], KEYS[2]
local length, ttl_ms, kept, now = tonumber(ARGV[2]), ARGV[3], ARGV[4], ARGV[5]
local list = redis.call('LRANGE', home, 0, -1)
if redis.call('GET', build) ~= ARGV[1] or #list == 0 then return 0 end
local coming = {}
for i = 7, #ARGV do coming[#coming + 1] = ARGV[i] end
local ids, all = merged(list, coming, length)
-- A full list may have been trimmed meanwhile, so it is not known to be complete.
local sentinel = all and #list <= length and ARGV[6] == COMPLETE and COMPLETE
replace(home, ids, sentinel, ttl_ms)
redis.call('DEL', build)
if #ids > 0 then publish(home, kept, 'reset', 'REBUILT', 'at', now) end
return 1
