"""Tests of the project itself: import rules, pinned cores, fixtures."""
