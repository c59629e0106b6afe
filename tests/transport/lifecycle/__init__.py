"""Tests of the life of connections."""
