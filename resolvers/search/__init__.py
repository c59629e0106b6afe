"""Search for tweets, newest first or ranked."""
