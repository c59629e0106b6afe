"""Records and their documents."""
