"""Situations that several tests begin from."""
