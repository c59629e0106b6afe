"""Tests of `core/network/`."""
