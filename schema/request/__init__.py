"""One request: its context, client, data loaders and rate limit."""
