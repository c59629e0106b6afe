"""Rate limits and persisted documents in Redis."""
