"""Real stores as child processes, for `make up`, tests and benchmarks."""
