"""Tests of passwords and tokens."""
