-- KEYS: a queue, its dead letters. ARGV: its consumer group, an entry id, how many dead letters are kept, field, job.
-- Moves the entry to the dead letters.
redis.call('XADD', KEYS[2], 'MAXLEN', '~', ARGV[3], '*', ARGV[4], ARGV[5])
redis.call('XACK', KEYS[1], ARGV[1], ARGV[2])
return redis.call('XDEL', KEYS[1], ARGV[2])
