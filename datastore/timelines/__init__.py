"""Home timelines, event logs, candidates, and the rules of who sees what."""
