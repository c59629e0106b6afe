"""Clients, load, processor time and figures for every benchmark."""
