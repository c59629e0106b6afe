"""Consequences of moderators' decisions, and the end of those whose time is over."""
