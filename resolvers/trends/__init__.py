"""Trends and hashtags."""
