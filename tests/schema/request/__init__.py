"""Tests of requests: data loaders, persisted documents."""
