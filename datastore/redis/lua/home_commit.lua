-- KEYS: a home timeline, its build key. ARGV: token, ids kept, milliseconds the list lives, events kept, Unix milliseconds,
-- "0" if there is nothing older than the ids (else ""), then ids, newest first.
-- Ends the rebuild of this token: the ids joined with what was pushed meanwhile. Returns 1; 0 where it was superseded.
local home, build = KEYS[1], KEYS[2]
local length, ttl_ms, kept, now = tonumber(ARGV[2]), ARGV[3], ARGV[4], ARGV[5]
local list = redis.call('LRANGE', home, 0, -1)
if redis.call('GET', build) ~= ARGV[1] or #list == 0 then return 0 end
local coming = {}
for i = 7, #ARGV do coming[#coming + 1] = ARGV[i] end
local ids, all = merged(list, coming, length)
-- A list that is full may have been trimmed meanwhile.
local sentinel = all and #list <= length and ARGV[6] == COMPLETE and COMPLETE
replace(home, ids, sentinel, ttl_ms)
redis.call('DEL', build)
if #ids > 0 then tell(home, kept, 'reset', 'REBUILT', 'at', now) end
return 1
