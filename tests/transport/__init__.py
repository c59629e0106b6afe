"""Tests of what lies between the socket and the schema."""
