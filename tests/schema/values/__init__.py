"""Tests of scalars, global ids, cursors, interned objects."""
