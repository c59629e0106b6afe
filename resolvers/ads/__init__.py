"""Campaigns, impressions, and the selection of advertisements for a viewer."""
