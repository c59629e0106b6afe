"""Reports, decisions and the rooms of moderators."""
