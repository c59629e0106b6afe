"""The whole service compared with the brute-force model, and end-to-end tests."""
