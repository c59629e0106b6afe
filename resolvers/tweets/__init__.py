"""Tweets, threads, likes, retweets and bookmarks."""
