"""Rows in front of MongoDB: in Redis, and in the memory of the process."""
