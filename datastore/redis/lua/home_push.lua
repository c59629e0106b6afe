-- KEYS: home timelines; in a cluster, after them, what else lies beside them. ARGV: ids kept, the item's id, events kept, Unix milliseconds.
-- Puts the item at its place in every list that is there, once. Returns into how many it was put.
local length, id, kept, now = tonumber(ARGV[1]), ARGV[2], ARGV[3], ARGV[4]

-- Puts the id into one list: where, and how long the list is then; nil if it is there already, or older than the window.
local function put(home, head)
  if newer(id, head) then return 0, redis.call('LPUSH', home, id) end
  local place = place_of(home, id, redis.call('LLEN', home))
  local pivot = redis.call('LINDEX', home, place)
  if not pivot or pivot == id then return nil end
  return place, redis.call('LINSERT', home, 'BEFORE', pivot, id)
end

-- The sentinel of a rebuild stays: what was pushed since it began is no window by itself.
local function trim(home, tail)
  redis.call('LTRIM', home, 0, length - 1)
  if tail == BUILDING then redis.call('RPUSH', home, BUILDING) end
end

local pushed = 0
for _, home in ipairs(KEYS) do
  if not home:find('^home:') then break end
  local head = redis.call('LINDEX', home, 0)
  if head then
    local tail, place, size = redis.call('LINDEX', home, -1), put(home, head)
    if place and size > length then trim(home, tail) end
    if place and place < length then
      if tail ~= BUILDING then append(home, kept, 'add', id, 'at', now) end
      pushed = pushed + 1
    end
  end
end
return pushed
