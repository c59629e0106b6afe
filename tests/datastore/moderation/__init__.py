"""Tests of the stores of moderation."""
