"""Tests of trends, through the API."""
