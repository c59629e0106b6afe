"""Tests of subscriptions' types."""
