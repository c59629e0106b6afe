-- KEYS: a lease, a value. ARGV: the token of its holder, the value. Sets the value and returns 1; 0 if the token does not
-- hold the lease.
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[2], ARGV[2])
return 1
