"""Campaigns, impressions, and the interests of users that ads are targeted by."""
