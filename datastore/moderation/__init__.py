"""The log of moderators."""
