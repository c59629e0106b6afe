"""Between the socket and the schema: GraphQL over HTTP, streams and websockets, limits, masking. Knows no tweets."""
