"""Tests of Web Push without I/O."""
