-- KEYS: a lease, a value. ARGV: the token of its holder, the value. Returns 0, and leaves the value, where another holds it.
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[2], ARGV[2])
return 1
