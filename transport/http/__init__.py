"""GraphQL over HTTP, event streams, multipart, and static files."""
