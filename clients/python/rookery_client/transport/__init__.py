"""From an operation to its answers: requests, sockets, streams of events, the session that renews its token."""
