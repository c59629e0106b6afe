"""Processes that die in the midst of acts and jobs."""
