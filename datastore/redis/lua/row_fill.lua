-- KEYS: a cached row. ARGV: the row, its TTL in milliseconds, the head of a row that holds changes alone. Fills the row
-- where there is none, before the changes that came meanwhile. Returns 1 if it did.
local found = redis.call('GET', KEYS[1])
if not found then
  redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
elseif string.sub(found, 1, #ARGV[3]) == ARGV[3] then
  redis.call('SET', KEYS[1], ARGV[1] .. string.sub(found, #ARGV[3] + 1), 'PX', ARGV[2])
else
  return 0
end
return 1
