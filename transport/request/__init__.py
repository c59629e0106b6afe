"""Requests as clients send them: documents, origins, headers."""
