"""Pub/sub notifications, over one node or sharded."""
