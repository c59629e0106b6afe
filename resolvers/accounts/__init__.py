"""Accounts, profiles, sessions, and the login throttle."""
