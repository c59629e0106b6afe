"""Tests of docker/: as far as a machine without containers can tell."""
