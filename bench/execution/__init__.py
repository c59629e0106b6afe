"""Benchmarks of the API process: compiled execution, the document guard, limits, points, memory."""
