"""Limits of acts over all processes, of mentions, of sign-ups and of failed sign-ins."""
