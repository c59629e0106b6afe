"""Tests of what plans run with."""
