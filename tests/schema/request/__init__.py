"""Tests of what surrounds one request."""
