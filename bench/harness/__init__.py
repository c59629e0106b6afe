"""Clients, load, processor time, figures and charts for every benchmark."""
