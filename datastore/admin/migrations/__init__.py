"""Migrations: numbered steps that bring the database into the form of newer code, while it is in use."""
