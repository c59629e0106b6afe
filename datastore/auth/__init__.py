"""Sessions and access tokens."""
