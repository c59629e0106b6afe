"""Tests of `datastore/auth/`."""
