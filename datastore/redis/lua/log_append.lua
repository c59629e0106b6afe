-- KEYS: the subject of an event log, a key that marks this entry as published. ARGV: events kept, milliseconds for which
-- the user counts as live, then fields and values. Appends the entry once, however often it is called. Returns 1 if it did.
local subject, published = KEYS[1], KEYS[2]
if redis.call('EXISTS', 'live:' .. subject) == 0 then return 0 end
if not redis.call('SET', published, '1', 'NX', 'PX', ARGV[2]) then return 0 end
append(subject, ARGV[1], unpack(ARGV, 3))
return 1
