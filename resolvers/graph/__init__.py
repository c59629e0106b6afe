"""The social graph: follows, follow requests, blocks, and user search."""
