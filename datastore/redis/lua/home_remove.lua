-- KEYS: home timelines; in a cluster, after them, their siblings. ARGV: length of the lists, events kept, Unix milliseconds,
-- the notice to publish ("" none, "left", or "reset" if another item takes its place), then pairs of kind ("t" tweet,
-- "r" retweet) and id. Removes the items. Returns how many were present.
local length, kept, now, notice, removed = tonumber(ARGV[1]), ARGV[2], ARGV[3], ARGV[4], 0

-- Cancels a rebuild whose list is full: ids that it lost to trimming could be missing between the remaining ids and those
-- that the rebuild finds.
local function supersede(home)
  if redis.call('LINDEX', home, -1) ~= BUILDING or redis.call('LLEN', home) < length then return end
  redis.call('DEL', sibling(home, 'build'))
end

for _, home in ipairs(KEYS) do
  if not home:find('^home:') then break end
  for i = 5, #ARGV, 2 do
    if redis.call('LREM', home, 1, ARGV[i + 1]) == 1 then
      if notice ~= '' then publish(home, kept, 'del', ARGV[i + 1], 'kind', ARGV[i], 'at', now) end
      if notice == 'reset' then publish(home, kept, 'reset', 'REBUILT', 'at', now) end
      supersede(home)
      removed = removed + 1
    end
  end
end
return removed
