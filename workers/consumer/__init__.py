"""Consumer of job queues: runner, concurrency limit, backoff, durability check."""
