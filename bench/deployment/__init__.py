"""Servers as benchmarks start them: one stack, or a cluster as docker/ has it."""
