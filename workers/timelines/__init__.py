"""Workers that change home timelines: fan-out, retractions, merges, visibility diffs."""
