"""Addresses: ranges, and the forms of URLs that settings take."""
