"""Tests of `datastore/graph/`."""
