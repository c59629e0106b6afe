"""Tests of rate limits in Redis."""
