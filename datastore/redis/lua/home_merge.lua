-- KEYS: one home timeline. ARGV: ids kept, milliseconds to live, events kept, Unix milliseconds, then ids, newest first.
-- Puts the ids in at their places, those older than the window excepted. Returns how many are new; -1: there is no list.
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
-- Where none of them found room, a list that was whole is so no more.
if added > 0 or (sentinel == COMPLETE and not all) then
  replace(home, ids, sentinel and (all or sentinel == BUILDING) and sentinel, ttl_ms)
end
if added > 0 then tell(home, kept, 'reset', 'REBUILT', 'at', now) end
return added
