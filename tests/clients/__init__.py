"""The clients of the field, and hostile ones."""
