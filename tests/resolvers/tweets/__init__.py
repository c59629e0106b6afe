"""Tests of tweets, through the API."""
