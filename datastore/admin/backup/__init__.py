"""Backups of all that is truth, taken from stores in use, and their restoration into empty ones."""
