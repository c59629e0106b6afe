"""Bulk import of a follow graph and a file of tweets."""
