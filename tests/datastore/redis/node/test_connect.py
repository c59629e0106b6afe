"""Connections from URLs: address, TLS, authentication, database, and a server that refuses tracking."""

from collections.abc import Awaitable, Callable

import pytest
from redis.exceptions import ConnectionError as RedisConnectionError

from datastore.redis.client import open_redis
from datastore.redis.node.connect import connector_for
from datastore.redis.node.pipeline import open_node_pipeline
from tests.datastore.redis.node.replies import reply_to
from tests.support.stores import OwnStore

OwnValkey = Callable[[], Awaitable[OwnStore]]


async def test_url_gives_address_user_and_database(own_valkey: OwnValkey) -> None:
    store = await own_valkey()
    async with open_redis(store.url) as admin:
        await admin.acl_setuser("reader", enabled=True, passwords=["+s cret"], categories=["+@all"], keys=["*"])
        await admin.config_set("requirepass", "pass word")
    try:
        address = store.url.removeprefix("redis://")
        for user, name in (("reader:s%20cret", "reader"), (":pass%20word", "default")):
            async with open_node_pipeline(f"redis://{user}@{address}/3") as pipeline:
                assert await reply_to(pipeline, "ACL", "WHOAMI") == name.encode()
                assert b"db=3" in str(await reply_to(pipeline, "CLIENT", "INFO")).encode()
        async with open_node_pipeline(f"redis://reader:wrong@{address}") as pipeline:
            with pytest.raises(RedisConnectionError, match="invalid username"):
                await pipeline.submit([("PING",)])
    finally:
        async with open_redis(f"redis://:pass%20word@{address}") as admin:
            await admin.config_set("requirepass", "")


def test_urls_of_tls_and_unix_sockets_are_read_as_by_redis_py() -> None:
    secure = connector_for("rediss://example.org:7000/0?ssl_cert_reqs=required")
    assert (secure.host, secure.port, secure.path) == ("example.org", 7000, None)
    assert secure.ssl is not None
    assert secure.ssl.check_hostname
    assert connector_for("unix:///run/redis.sock?db=2").path == "/run/redis.sock"
    with pytest.raises(ValueError, match="scheme"):
        connector_for("http://example.org")


async def test_server_that_refuses_tracking_serves_untracked_values(own_valkey: OwnValkey) -> None:
    store = await own_valkey()
    no_tracking = ["-client|tracking", "-client|caching"]
    async with open_redis(store.url) as admin:
        await admin.acl_setuser(
            "plain", enabled=True, passwords=["+secret"], categories=["+@all"], commands=no_tracking, keys=["*"]
        )
    async with open_node_pipeline(store.url.replace("//", "//plain:secret@")) as pipeline:
        fetched = pipeline.fetch(["a"])
        assert await fetched == [None]
        assert not fetched.trackings[0].is_current
