"""Tests of the server's protocols."""
