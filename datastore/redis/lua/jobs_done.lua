-- KEYS: a queue. ARGV: its consumer group, then entry ids. Acknowledges and deletes the entries.
for i = 2, #ARGV do
  redis.call('XACK', KEYS[1], ARGV[1], ARGV[i])
  redis.call('XDEL', KEYS[1], ARGV[i])
end
return #ARGV - 1
