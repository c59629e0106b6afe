"""Followed hashtags, hashtag uses, and the trends snapshot."""
