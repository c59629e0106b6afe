"""Home and user timelines, their ranking and their live events."""
