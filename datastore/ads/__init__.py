"""Campaigns, impressions, and the interests that target them."""
