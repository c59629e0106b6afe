"""Frozen records of stored rows, and conversions between records and documents."""
