"""redis-py connections to one server."""

from typing import Any

from datastore.redis.node.connections import node_client


def test_all_connections_share_one_driver_info() -> None:
    pool: Any = node_client("redis://127.0.0.1:1").connection_pool
    first, second = pool.make_connection(), pool.make_connection()
    assert first is not second
    assert first.driver_info is second.driver_info
