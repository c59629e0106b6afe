"""What a plan uses while it runs: frames, batches, values, failures, paths."""
