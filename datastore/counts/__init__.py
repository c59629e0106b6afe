"""Counters: increments on their way, recounts, and checks for drift."""
