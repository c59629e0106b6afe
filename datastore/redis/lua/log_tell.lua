-- KEYS: the subject of an event log, a key that says that this was told. ARGV: events kept, milliseconds the person
-- counts as live, then fields and values. Appends them once, however often it is said.
local subject, told = KEYS[1], KEYS[2]
if redis.call('EXISTS', 'live:' .. subject) == 0 then return 0 end
if not redis.call('SET', told, '1', 'NX', 'PX', ARGV[2]) then return 0 end
append(subject, ARGV[1], unpack(ARGV, 3))
return 1
