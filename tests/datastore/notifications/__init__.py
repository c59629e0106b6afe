"""Tests of notification groups in the store."""
