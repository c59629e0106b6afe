-- KEYS: a cached row. ARGV: a change of the row, milliseconds of a tombstone. Sets a tombstone, unless the row has taken
-- the change in. Returns 1 if it did.
local found = redis.call('GET', KEYS[1])
if found and string.find(found, ARGV[1], 1, true) then
  return 0
end
redis.call('SET', KEYS[1], '', 'PX', ARGV[2])
return 1
