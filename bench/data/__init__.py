"""Data sets of benchmarks: people, follows and tweets."""
