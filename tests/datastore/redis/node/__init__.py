"""Tests of one node's connections."""
