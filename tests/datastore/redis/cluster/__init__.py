"""Tests of the cluster client."""
