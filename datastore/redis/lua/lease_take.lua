-- KEYS: a lease. ARGV: the token of who asks, milliseconds. Returns 0 where another holds it, 1 where it was theirs, 2 where
-- it is now.
local holder = redis.call('GET', KEYS[1])
if holder and holder ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return holder and 1 or 2
