"""Limits of requests and documents, and the cost of an operation."""
