"""Redis: keys, clients, Lua scripts; one node, a cluster, pub/sub."""
