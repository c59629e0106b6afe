"""Comparisons of the API with the model."""
