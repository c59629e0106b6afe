"""Tests of the worker that tells devices by Web Push."""
