-- KEYS: a lease. ARGV: the caller's token, milliseconds. Returns 0 if another token holds it, 1 if the caller held it
-- already, 2 if the caller acquired it.
local holder = redis.call('GET', KEYS[1])
if holder and holder ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return holder and 1 or 2
