-- KEYS: home timelines. ARGV: events kept, Unix milliseconds, then pairs of kind ("t" tweet, "r" retweet) and id.
-- Takes the items out. Returns how many there were.
local kept, now, removed = ARGV[1], ARGV[2], 0
for _, home in ipairs(KEYS) do
  for i = 3, #ARGV, 2 do
    if redis.call('LREM', home, 1, ARGV[i + 1]) == 1 then
      tell(home, kept, 'del', ARGV[i + 1], 'kind', ARGV[i], 'at', now)
      removed = removed + 1
    end
  end
end
return removed
