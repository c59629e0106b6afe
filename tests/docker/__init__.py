"""Tests of docker/ that need no containers."""
