"""Tests of timelines, through the API."""
