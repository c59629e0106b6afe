"""Tweets, retweets, likes, threads, and the search index."""
