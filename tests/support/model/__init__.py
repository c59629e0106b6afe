"""The brute-force model, random stories, and comparisons with it."""
