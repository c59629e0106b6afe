"""What follows from decisions of moderators, and the end of those whose time is over."""
