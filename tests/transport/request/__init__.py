"""Tests of requests as clients send them."""
