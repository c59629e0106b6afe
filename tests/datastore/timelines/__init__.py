"""Tests of home timelines and event logs in Redis."""
