-- KEYS: a cached row. ARGV: a change of the row, the head of a row that holds changes alone, its TTL in milliseconds,
-- longest row in bytes, milliseconds of a tombstone. Appends the change to the row, or keeps it for the row to come. A
-- tombstone lasts on, and takes the place of a row that is too long. Repeating it does no harm.
local length = redis.call('STRLEN', KEYS[1])
if length == 0 and redis.call('EXISTS', KEYS[1]) == 0 then
  redis.call('SET', KEYS[1], ARGV[2] .. ARGV[1], 'PX', ARGV[3])
elseif length == 0 or length > tonumber(ARGV[4]) then
  redis.call('SET', KEYS[1], '', 'PX', ARGV[5])
else
  redis.call('APPEND', KEYS[1], ARGV[1])
end
return 1
