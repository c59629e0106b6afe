"""Tests of the workers that write timelines."""
