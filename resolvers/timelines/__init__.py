"""Home and user timelines, ranking, and live events."""
