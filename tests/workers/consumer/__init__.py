"""Tests of the job consumer."""
