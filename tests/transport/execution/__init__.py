"""Tests of execution: masking, shared events."""
