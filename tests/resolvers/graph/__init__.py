"""Tests of follows and people, through the API."""
