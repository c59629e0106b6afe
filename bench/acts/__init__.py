"""Benchmarks of acts such as likes and follows, by many people at once."""
