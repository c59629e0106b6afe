"""graphql-transport-ws."""
