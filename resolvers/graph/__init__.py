"""Follows, follow requests, blocks, and search for people."""
