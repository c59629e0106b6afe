"""Tests of cached rows."""
