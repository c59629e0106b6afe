"""GraphQL types that refer to each other: tweets, users, timelines."""
