"""Tests of everything that speaks to Redis."""
