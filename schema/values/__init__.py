"""Scalars, enums, global ids, connections, payloads of mutations."""
