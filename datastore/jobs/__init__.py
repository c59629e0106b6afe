"""Jobs: the outbox in MongoDB, the queues in Redis, locks and worker ids."""
