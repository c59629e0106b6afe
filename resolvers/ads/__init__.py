"""Campaigns, impressions, and ad selection."""
