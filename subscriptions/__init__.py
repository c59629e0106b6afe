"""The live side: event log, doorbell and streams that can be resumed."""
