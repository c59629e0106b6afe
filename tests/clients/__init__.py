"""Widely used GraphQL clients, and hostile ones."""
