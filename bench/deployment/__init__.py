"""Starts the servers of benchmarks: one stack, or the cluster of docker/."""
