"""Tests of outbox, queues and worker ids."""
