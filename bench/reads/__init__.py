"""Benchmarks of pages, searches and trends."""
