-- KEYS: a home timeline, a key for each act that this call publishes, the caller's own first; in a cluster, after them,
-- the siblings of the timeline. ARGV: events kept, TTL of the keys in milliseconds, Unix milliseconds, "1" if items became
-- visible, then pairs of kind and id of items that became invisible while they stay in the list; the kind "+" is that of an
-- item that became visible, which is published by itself if the list has it.
-- Publishes the changes that acts made to a viewpoint, or to an item, once. Returns 1; 0 if the user is not live or the caller's act is
-- published already; -1 if another of the acts was published meanwhile, so that the difference must be computed again.
local home, kept, now = KEYS[1], ARGV[1], ARGV[3]
if redis.call('EXISTS', 'live:' .. home) == 0 or redis.call('EXISTS', KEYS[2]) == 1 then return 0 end
local last = 2
while KEYS[last + 1] and KEYS[last + 1]:find('^revised:') do last = last + 1 end
for i = 3, last do
  if redis.call('EXISTS', KEYS[i]) == 1 then return -1 end
end
local function has(id)
  return redis.call('LINDEX', home, index_of(home, id, redis.call('LLEN', home))) == id
end

for i = 5, #ARGV, 2 do
  local kind, id = ARGV[i], ARGV[i + 1]
  if kind ~= '+' then publish(home, kept, 'del', id, 'kind', kind, 'at', now)
  elseif has(id) then publish(home, kept, 'add', id, 'at', now) end
end
if ARGV[4] == '1' then publish(home, kept, 'reset', 'REBUILT', 'at', now) end
for i = 2, last do redis.call('SET', KEYS[i], '1', 'PX', ARGV[2]) end
return 1
