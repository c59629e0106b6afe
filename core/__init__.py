"""Vocabulary without I/O that all other rooms use."""
