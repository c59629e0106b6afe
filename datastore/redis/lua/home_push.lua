-- KEYS: home timelines; in a cluster, after them, their siblings. ARGV: length of the lists, the item's id, events kept,
-- Unix milliseconds.
-- Inserts the item in order into every existing list, once. Returns the number of lists that it was new in.
local length, id, kept, now = tonumber(ARGV[1]), ARGV[2], ARGV[3], ARGV[4]

-- Inserts the id into one list. Returns its index and the new length; nil if it is present or older than the window.
local function put(home, head)
  if newer(id, head) then return 0, call('LPUSH', home, id) end
  local index = index_of(home, id, call('LLEN', home))
  local pivot = call('LINDEX', home, index)
  if not pivot or pivot == id then return nil end
  return index, call('LINSERT', home, 'BEFORE', pivot, id)
end

-- Cuts the list off, and returns what was its last element. The sentinel of a rebuild stays, because the ids pushed since
-- it began are no unbroken window.
local function trim(home, size)
  local tail = call('RPOP', home)
  if size > length + 1 then call('LTRIM', home, 0, length - 1) end
  if tail == BUILDING then call('RPUSH', home, BUILDING) end
  return tail
end

local homes, lives, HOME = {}, {}, byte('h')
for place, key in ipairs(KEYS) do
  if byte(key) ~= HOME then break end
  homes[place], lives[place] = key, 'live:' .. key
end
if #homes == 0 then return 0 end
-- One call for many lists: the number of calls is what the script costs.
local epochs, message = call('MGET', unpack(lives)), message_of('add', id, 'at', now)

local pushed = 0
for place, home in ipairs(homes) do
  local head = call('LINDEX', home, 0)
  if head then
    local tail, index, size = nil, put(home, head)
    if index and size > length then tail = trim(home, size) end
    if index and index < length then
      local epoch = epochs[place]
      if epoch and (tail or call('LINDEX', home, -1)) ~= BUILDING then
        append_in(epoch, home, kept, message, 'add', id, 'at', now)
      end
      pushed = pushed + 1
    end
  end
end
return pushed
