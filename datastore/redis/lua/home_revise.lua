-- KEYS: a home timeline, a key for each act that is told with this call, that of the caller's own first; in a
-- cluster, after them, what else lies beside the timeline. ARGV: events kept, milliseconds for which the keys stay, Unix milliseconds, "1" where something came, then pairs of kind and id of
-- items that left while they stay in the list.
-- Tells what acts on the viewpoint changed, once: 1. Returns 0 where there is nobody to tell or it was told; -1 where
-- another of the acts was told meanwhile, and what is to be told must be found out again.
local home, kept, now = KEYS[1], ARGV[1], ARGV[3]
if redis.call('EXISTS', 'live:' .. home) == 0 or redis.call('EXISTS', KEYS[2]) == 1 then return 0 end
local last = 2
while KEYS[last + 1] and KEYS[last + 1]:find('^revised:') do last = last + 1 end
for i = 3, last do
  if redis.call('EXISTS', KEYS[i]) == 1 then return -1 end
end
for i = 5, #ARGV, 2 do
  tell(home, kept, 'del', ARGV[i + 1], 'kind', ARGV[i], 'at', now)
end
if ARGV[4] == '1' then tell(home, kept, 'reset', 'REBUILT', 'at', now) end
for i = 2, last do redis.call('SET', KEYS[i], '1', 'PX', ARGV[2]) end
return 1
