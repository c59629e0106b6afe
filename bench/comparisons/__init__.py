"""Rookery beside peer servers with the same answers, in alternating rounds of one run."""
