"""redis-py connections to one server."""

from typing import Any

import pytest
from redis.exceptions import ConnectionError as RedisConnectionError

from datastore.redis.node.connections import closing_as_failure, node_client


def test_all_connections_share_one_driver_info() -> None:
    pool: Any = node_client("redis://127.0.0.1:1").connection_pool
    first, second = pool.make_connection(), pool.make_connection()
    assert first is not second
    assert first.driver_info is second.driver_info


@pytest.mark.parametrize("raised", [AttributeError(), RuntimeError()], ids=repr)
def test_connection_closed_while_in_use_is_a_failure_of_redis(raised: Exception) -> None:
    with pytest.raises(RedisConnectionError) as failure, closing_as_failure():
        raise raised
    assert failure.value.__cause__ is raised
