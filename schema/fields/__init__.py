"""Root fields and their types, by subject."""
