"""Tests of the auction against its definition."""
