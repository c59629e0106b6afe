-- KEYS: the subject of an event log. ARGV: epoch, offset and stamp after which to read ("" for the end; stamp 0 if it is not
-- known), how many entries, milliseconds for which the user counts as live.
-- Returns the log's epoch, its last offset with the stamp, and the entries; nil for them if the log does not reach back to
-- that offset, or lost the entry there. Makes the user live, and their home timeline, if that is the subject, one in use: a full
-- Redis evicts what was used longest ago, and a list that nobody posted to would count as such.
local subject, count = KEYS[1], tonumber(ARGV[4])
redis.call('TOUCH', subject)
local epoch, last, stamp = revive(subject, ARGV[5])
if ARGV[1] == '' then return {epoch, last, stamp, {}} end
if ARGV[1] ~= epoch then return {epoch, last, stamp} end

local function offset_of(entry) return tonumber(entry[1]:match('%d+$')) end

local after = tonumber(ARGV[2])
local entries = redis.call('XRANGE', 'log:' .. subject, epoch .. '-' .. math.max(after, 0), '+', 'COUNT', count + 1)
if entries[1] and offset_of(entries[1]) == after then
  if ARGV[3] ~= '0' and stamp_of(entries[1]) ~= ARGV[3] then return {epoch, last, stamp} end
  table.remove(entries, 1)
end
local first = entries[1] and offset_of(entries[1]) or tonumber(last) + 1
if first ~= after + 1 then return {epoch, last, stamp} end
entries[count + 1] = nil
return {epoch, last, stamp, entries}
