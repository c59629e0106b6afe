"""Commands of the operator: indexes, backfills, sharding, import, capacity planning."""
