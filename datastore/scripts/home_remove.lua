-- KEYS: home timelines. ARGV: ids kept, events kept, Unix milliseconds, then pairs of kind ("t" tweet, "r" retweet) and id.
-- Takes the items out. Returns how many there were.
local length, kept, now, removed = tonumber(ARGV[1]), ARGV[2], ARGV[3], 0

-- What a full list of a rebuild lost to trimming could be missing between what is left and what the rebuild found.
local function supersede(home)
  if redis.call('LINDEX', home, -1) ~= BUILDING or redis.call('LLEN', home) < length then return end
  redis.call('DEL', sibling(home, 'build'))
end

for _, home in ipairs(KEYS) do
  for i = 4, #ARGV, 2 do
    if redis.call('LREM', home, 1, ARGV[i + 1]) == 1 then
      tell(home, kept, 'del', ARGV[i + 1], 'kind', ARGV[i], 'at', now)
      supersede(home)
      removed = removed + 1
    end
  end
end
return removed
