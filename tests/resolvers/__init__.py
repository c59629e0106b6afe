"""The use cases, through the public API."""
