"""Requests: client, context, data loaders."""
