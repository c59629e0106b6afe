"""Tests of tweets in the store."""
