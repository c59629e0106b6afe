"""MongoDB: client, server monitor, bulk writes, edge collections, existence locks."""
