"""Tests of execution: error masking, instrumentation, shared events."""
