"""Tests of the MongoDB client."""
