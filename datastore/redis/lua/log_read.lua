-- KEYS: the subject of an event log. ARGV: epoch, place and its stamp after which to read ("" for the end; stamp 0 where none is known), how many, milliseconds of being live.
-- Returns the log's epoch, its last place with the stamp, and the entries, or nil where the log does not reach back to that place, or lost what was there.
-- Makes the person live.
local subject, count = KEYS[1], tonumber(ARGV[4])
local epoch, last, stamp = revive(subject, ARGV[5])
if ARGV[1] == '' then return {epoch, last, stamp, {}} end
if ARGV[1] ~= epoch then return {epoch, last, stamp} end

local function place_in(entry) return tonumber(entry[1]:match('%d+$')) end

local after = tonumber(ARGV[2])
local entries = redis.call('XRANGE', 'log:' .. subject, epoch .. '-' .. math.max(after, 0), '+', 'COUNT', count + 1)
if entries[1] and place_in(entries[1]) == after then
  if ARGV[3] ~= '0' and stamp_of(entries[1]) ~= ARGV[3] then return {epoch, last, stamp} end
  table.remove(entries, 1)
end
local first = entries[1] and place_in(entries[1]) or tonumber(last) + 1
if first ~= after + 1 then return {epoch, last, stamp} end
entries[count + 1] = nil
return {epoch, last, stamp, entries}
