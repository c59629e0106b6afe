"""Workers that find trends."""
