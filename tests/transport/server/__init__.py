"""Tests of the server beneath."""
