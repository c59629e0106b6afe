"""Connections to one Redis server, as they are made."""

from typing import Any

from datastore.redis.node.connections import node_client


def test_no_connection_looks_anew_for_what_the_driver_says_of_itself() -> None:
    pool: Any = node_client("redis://127.0.0.1:1").connection_pool
    first, second = pool.make_connection(), pool.make_connection()
    assert first is not second
    assert first.driver_info is second.driver_info
