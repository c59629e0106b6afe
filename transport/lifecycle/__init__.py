"""Life of connections: how they are closed and drained, and what the server hands on with each."""
