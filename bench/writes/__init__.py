"""Benchmarks of posts, likes, follows, notifications and advertisements."""
