"""The examples and snippets of README and docs, run as they stand there."""
