"""Tests of people in the store."""
