"""The whole service beside the brute-force model."""
