"""Home timelines: lists, event logs, candidates, and visibility rules."""
