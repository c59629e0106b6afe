"""The demo data of `make up`."""
