"""clients/typescript as its users have it: packed, installed, and run against the real service."""
