"""Tests of pub/sub."""
