"""Cost as the network, the processes or the shards grow in number."""
