"""Notification groups: recipients, one writer, one reader."""
