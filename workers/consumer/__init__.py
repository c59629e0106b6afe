"""The job consumer: runner, concurrency limit, backoff."""
