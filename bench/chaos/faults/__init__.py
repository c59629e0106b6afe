"""The faults, and the repair of each."""
