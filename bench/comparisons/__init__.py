"""Rookery beside its peers: the same answers, in one run, rounds in turn."""
