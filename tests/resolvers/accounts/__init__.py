"""Tests of accounts, through the API."""
