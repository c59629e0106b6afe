"""Workers that change home timelines."""
