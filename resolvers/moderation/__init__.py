"""Acts of moderators: roles, and the review of campaigns."""
