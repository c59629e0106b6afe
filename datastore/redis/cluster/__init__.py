"""Redis Cluster: slots, topology, redirects."""
