-- KEYS: home timelines. ARGV: ids kept, the item's id, events kept, Unix milliseconds.
-- Puts the item at its place in every list that is there, once. Returns into how many it was put.
local length, id, kept, now = tonumber(ARGV[1]), ARGV[2], ARGV[3], ARGV[4]

local function insert(home)
  local size = redis.call('LLEN', home)
  local place = place_of(home, id, size)
  local pivot = redis.call('LINDEX', home, place)
  if not pivot or pivot == id then return false end  -- older than the window, or there already
  redis.call('LINSERT', home, 'BEFORE', pivot, id)
  return size + 1
end

local pushed = 0
for _, home in ipairs(KEYS) do
  local head = redis.call('LINDEX', home, 0)
  if head then
    local size = newer(id, head) and redis.call('LPUSH', home, id) or insert(home)
    if size then
      if size > length then redis.call('LTRIM', home, 0, length - 1) end
      tell(home, kept, 'add', id, 'at', now)
      pushed = pushed + 1
    end
  end
end
return pushed
