"""Tests of the project itself: import rules, documentation, tools, and test helpers."""
