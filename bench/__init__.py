"""Benchmarks of the real thing: `python -m bench [NAME ...]`, each on stores of its own that it leaves behind empty."""
