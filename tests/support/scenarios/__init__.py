"""Situations that several tests start from, and the queries for them."""
