"""The runtime of plans: frames, batches, values, failures, paths."""
