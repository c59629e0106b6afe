"""Between socket and schema: HTTP, streams, websockets, limits, execution. Knows no tweets."""
