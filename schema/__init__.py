"""GraphQL alone: types, fields, descriptions, limits and transports."""
