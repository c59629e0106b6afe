-- KEYS: one home timeline. ARGV: length of the list, TTL in milliseconds, events kept, Unix milliseconds, then ids,
-- newest first. Inserts the ids in order, except those older than the window. Returns how many are new, -1 without a list.
local length, ttl_ms, kept, now = tonumber(ARGV[1]), ARGV[2], ARGV[3], ARGV[4]
local home = KEYS[1]
local list = redis.call('LRANGE', home, 0, -1)
if #list == 0 then return -1 end

local sentinel = list[#list]
if sentinel ~= COMPLETE and sentinel ~= BUILDING then sentinel = false end
local size = sentinel and #list - 1 or #list
local coming = {}
for i = 5, #ARGV do
  if sentinel or newer(ARGV[i], list[#list]) then coming[#coming + 1] = ARGV[i] end
end
local ids, all = merged(list, coming, length)
local known = {}
for i = 1, size do known[list[i]] = true end
local added = 0
for _, id in ipairs(ids) do
  if not known[id] then added = added + 1 end
end
-- If none of them fits, a list that was complete is complete no longer.
if added > 0 or (sentinel == COMPLETE and not all) then
  replace(home, ids, sentinel and (all or sentinel == BUILDING) and sentinel, ttl_ms)
end
if added > 0 then publish(home, kept, 'reset', 'REBUILT', 'at', now) end
return added
