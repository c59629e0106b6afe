"""Limits on requests and documents, and the cost of an operation."""
