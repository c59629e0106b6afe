"""The GraphQL schema: types, fields, descriptions, live events, request context."""
