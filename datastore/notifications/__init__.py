"""Notification groups: their recipients, the writer, the reader."""
