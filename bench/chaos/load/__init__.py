"""Load of an experiment: users, their clients, and the history of what they did and saw."""
