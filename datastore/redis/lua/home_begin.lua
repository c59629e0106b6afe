-- KEYS: a home timeline, its build key. ARGV: token, milliseconds that the build may take, milliseconds the list lives.
-- Begins a rebuild where there is no list and nobody else builds it. From now on pushes are kept in the list.
-- Returns 1 where it began.
local home, build = KEYS[1], KEYS[2]
local tail = redis.call('LINDEX', home, -1)
if tail and tail ~= BUILDING then return 0 end
if not redis.call('SET', build, ARGV[1], 'NX', 'PX', ARGV[2]) then return 0 end
replace(home, {}, BUILDING, ARGV[3])
return 1
