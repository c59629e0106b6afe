"""Tests of limits of acts."""
