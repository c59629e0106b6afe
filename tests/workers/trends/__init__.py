"""Tests of the trend worker."""
