"""The scoring formula of trends, and linear counters of accounts."""
