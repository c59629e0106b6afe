"""Campaigns and advertisements."""
