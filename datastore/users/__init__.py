"""People, sessions, follows, blocks, and viewpoints."""
