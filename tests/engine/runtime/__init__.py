"""Tests of the runtime of plans."""
