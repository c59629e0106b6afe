"""clients/python against the real service, behind a proxy that cuts connections."""
