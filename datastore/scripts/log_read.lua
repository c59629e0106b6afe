-- KEYS: the subject of an event log. ARGV: epoch and place after which to read ("" for the end), how many, milliseconds of being live.
-- Returns the log's epoch, its last place, and the entries, or nil where the log does not reach back to that place.
-- Makes the person live.
local subject, count = KEYS[1], ARGV[3]
local epoch, last = revive(subject, ARGV[4])
if ARGV[1] == '' then return {epoch, last, {}} end
if ARGV[1] ~= epoch then return {epoch, last} end

local entries = redis.call('XRANGE', 'log:' .. subject, epoch .. '-' .. (tonumber(ARGV[2]) + 1), '+', 'COUNT', count)
local first = entries[1] and entries[1][1]:match('%d+$') or tostring(tonumber(last) + 1)
if tonumber(first) ~= tonumber(ARGV[2]) + 1 then return {epoch, last} end
return {epoch, last, entries}
