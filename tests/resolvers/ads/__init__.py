"""Tests of campaigns and ad selection."""
