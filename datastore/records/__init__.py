"""Rows as frozen records, and the documents that they are stored as."""
