-- KEYS: home timelines; in a cluster, after them, what else lies beside them. ARGV: ids kept, events kept, Unix milliseconds, what is told ("" nothing, "left", or "reset",
-- where something else came in its place), then pairs of kind ("t" tweet, "r" retweet) and id.
-- Takes the items out. Returns how many there were.
local length, kept, now, word, removed = tonumber(ARGV[1]), ARGV[2], ARGV[3], ARGV[4], 0

-- What a full list of a rebuild lost to trimming could be missing between what is left and what the rebuild found.
local function supersede(home)
  if redis.call('LINDEX', home, -1) ~= BUILDING or redis.call('LLEN', home) < length then return end
  redis.call('DEL', sibling(home, 'build'))
end

for _, home in ipairs(KEYS) do
  if not home:find('^home:') then break end
  for i = 5, #ARGV, 2 do
    if redis.call('LREM', home, 1, ARGV[i + 1]) == 1 then
      if word ~= '' then tell(home, kept, 'del', ARGV[i + 1], 'kind', ARGV[i], 'at', now) end
      if word == 'reset' then tell(home, kept, 'reset', 'REBUILT', 'at', now) end
      supersede(home)
      removed = removed + 1
    end
  end
end
return removed
