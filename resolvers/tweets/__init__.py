"""Tweets and acts on them."""
