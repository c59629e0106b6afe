"""Requests as clients send them: documents and origins; headers of responses."""
