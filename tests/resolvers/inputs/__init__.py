"""Inputs as people and programs send them, through the API."""
