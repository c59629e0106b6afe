"""Benchmarks of growth: of the network, of processes, of shards."""
