"""Broadcast: pub/sub messages to subscribers of a process."""
