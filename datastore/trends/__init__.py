"""Hashtags, their uses, and the snapshot of trends."""
