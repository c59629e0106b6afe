"""Relations between users: follows, requests to follow, blocks, mutes, lists of people, suggestions."""
