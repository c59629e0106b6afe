"""Values: scalars, enums, global ids, connections, mutation payloads, interned objects."""
