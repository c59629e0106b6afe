"""Demo data of `make up`."""
