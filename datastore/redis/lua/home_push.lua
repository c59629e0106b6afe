-- KEYS: home timelines; in a cluster, after them, their siblings. ARGV: length of the lists, the item's id, events kept,
-- Unix milliseconds.
-- Inserts the item in order into every existing list, once. Returns the number of lists that it was new in.
local length, id, kept, now = tonumber(ARGV[1]), ARGV[2], ARGV[3], ARGV[4]

-- Inserts the id into one list. Returns its index and the new length; nil if it is present or older than the window.
local function put(home, head)
  if newer(id, head) then return 0, redis.call('LPUSH', home, id) end
  local index = index_of(home, id, redis.call('LLEN', home))
  local pivot = redis.call('LINDEX', home, index)
  if not pivot or pivot == id then return nil end
  return index, redis.call('LINSERT', home, 'BEFORE', pivot, id)
end

-- The sentinel of a rebuild stays, because the ids pushed since it began are no unbroken window.
local function trim(home, tail)
  redis.call('LTRIM', home, 0, length - 1)
  if tail == BUILDING then redis.call('RPUSH', home, BUILDING) end
end

local pushed = 0
for _, home in ipairs(KEYS) do
  if not home:find('^home:') then break end
  local head = redis.call('LINDEX', home, 0)
  if head then
    local tail, index, size = redis.call('LINDEX', home, -1), put(home, head)
    if index and size > length then trim(home, tail) end
    if index and index < length then
      if tail ~= BUILDING then append(home, kept, 'add', id, 'at', now) end
      pushed = pushed + 1
    end
  end
end
return pushed
