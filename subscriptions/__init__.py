"""The live side: consumers of event logs, pub/sub broadcast, and polled streams."""
