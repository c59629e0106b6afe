"""Tests of websockets."""
