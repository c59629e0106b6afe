"""MongoDB: the client, bulk writes, edges between people and things, existence locks."""
