"""Execution of operations: error masking, instrumentation, shared events."""
