"""Vocabulary without I/O: what the other rooms speak of."""
