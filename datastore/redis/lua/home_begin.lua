-- KEYS: a home timeline, its build key. ARGV: token, timeout of the rebuild and TTL of the list in milliseconds.
-- Begins a rebuild if there is no list and no other rebuild. From then on pushes are kept in the list.
-- Returns 1 if it began, else 0.
local home, build = KEYS[1], KEYS[2]
local tail = redis.call('LINDEX', home, -1)
if tail and tail ~= BUILDING then return 0 end
if not redis.call('SET', build, ARGV[1], 'NX', 'PX', ARGV[2]) then return 0 end
replace(home, {}, BUILDING, ARGV[3])
return 1
