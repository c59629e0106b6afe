"""Accounts: registration, sessions, access tokens, credentials, profiles."""
