"""Tests of search, through the API and beside a model."""
