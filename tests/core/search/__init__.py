"""Tests of search queries."""
