"""Tests of limits on documents."""
