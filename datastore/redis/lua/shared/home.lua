-- Functions of home timelines, shared by all scripts. A home timeline is a list of item ids as decimal text, newest
-- first, and one unbroken window of the timeline. Its last element may be a sentinel: "0" if nothing older exists,
-- "-1" while a rebuild is under way and the list holds only ids pushed since it began. Ids are compared as text:
-- Lua's numbers round large ids.
local COMPLETE, BUILDING = '0', '-1'

local function newer(a, b) return #a > #b or (#a == #b and a > b) end

-- Index of the first element that is not newer than id.
local function index_of(key, id, length)
  local low, high = 0, length
  while low < high do
    local middle = math.floor((low + high) / 2)
    if newer(redis.call('LINDEX', key, middle), id) then low = middle + 1 else high = middle end
  end
  return low
end

local function sibling(home, kind) return (home:gsub('^home', kind, 1)) end

-- At most `count` ids of a list next to `from` ("" for the head), newest first; none of a list under rebuild.
local function window(home, tail, size, direction, from, count)
  if not tail or tail == BUILDING then return {} end
  if tail == COMPLETE then size = size - 1 end
  local first = 0
  if from ~= '' then first = index_of(home, from, size) end
  if direction == 'newer' then
    first, count = math.max(first - count, 0), math.min(first, count)
  elseif from ~= '' and redis.call('LINDEX', home, first) == from then
    first = first + 1
  end
  if count <= 0 or first >= size then return {} end
  return redis.call('LRANGE', home, first, math.min(first + count, size) - 1)
end

-- Merges two descending lists of ids, without duplicates and sentinels, to at most `length`. Also returns whether all ids
-- fitted.
local function merged(a, b, length)
  local out, i, j = {}, 1, 1
  local function real(id) return id and id ~= COMPLETE and id ~= BUILDING end
  while #out < length and (real(a[i]) or real(b[j])) do
    if not real(b[j]) or (real(a[i]) and newer(a[i], b[j])) then
      out[#out + 1] = a[i]
      i = i + 1
    else
      if a[i] == b[j] then i = i + 1 end
      out[#out + 1] = b[j]
      j = j + 1
    end
  end
  return out, not real(a[i]) and not real(b[j])
end

local function replace(home, ids, sentinel, ttl_ms)
  redis.call('DEL', home)
  for from = 1, #ids, 500 do
    redis.call('RPUSH', home, unpack(ids, from, math.min(from + 499, #ids)))
  end
  if sentinel then redis.call('RPUSH', home, sentinel) end
  redis.call('PEXPIRE', home, ttl_ms)
end
