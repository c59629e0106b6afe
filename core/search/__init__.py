"""Search queries: their grammar, and when a tweet matches one."""
