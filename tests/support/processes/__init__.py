"""Processes and clusters that tests start, kill and restart."""
