"""Tests of the process's own tools."""
