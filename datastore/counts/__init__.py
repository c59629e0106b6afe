"""Counters of tweets and users: pending increments, recounts, and the consistency check."""
