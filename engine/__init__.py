"""Compiled execution of any Strawberry schema; it knows nothing of tweets."""
