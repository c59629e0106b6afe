"""Worker that computes trends."""
