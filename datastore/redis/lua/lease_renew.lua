-- KEYS: a worker number's lease, its clock. ARGV: token, milliseconds of the lease, Unix milliseconds up to which ids may
-- have been made, TTL of the clock in milliseconds. Returns 1, or 0 if the token does not hold the lease.
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
redis.call('SET', KEYS[2], ARGV[3], 'PX', ARGV[4])
return 1
