"""Topology refresh: cancelled at any point it leaves no connection, and an unreachable cluster is not asked again."""

import asyncio
import gc
import warnings
from asyncio import StreamReader, StreamWriter

import pytest
from redis.exceptions import ConnectionError as RedisConnectionError

from core.network.redis_cluster_url import parse_cluster_url
from datastore.embedded.stores import free_port
from datastore.redis.cluster.client import ClusterRedis
from datastore.redis.cluster.pipeline import ClusterPipeline
from datastore.redis.cluster.topology import Topology
from tests.support.waiting import eventually

SLOTS = b"*1\r\n*3\r\n:0\r\n:16383\r\n*2\r\n$9\r\n127.0.0.1\r\n:7000\r\n"
TURNS = 40


class Node:
    """A fake node. Answers OK to each command, and to CLUSTER SLOTS that one node serves all of them."""

    def __init__(self) -> None:
        self.open = self.accepted = 0

    async def serve(self, reader: StreamReader, writer: StreamWriter) -> None:
        self.open += 1
        self.accepted += 1
        try:
            while words := await reader.read(4096):
                writer.write(b"+OK\r\n" * (words.count(b"*") - words.count(b"CLUSTER")))
                writer.write(SLOTS * words.count(b"CLUSTER"))
        finally:
            self.open -= 1
            writer.close()


@pytest.mark.parametrize("turns", range(TURNS))
async def test_cancelled_refresh_leaves_no_connection(turns: int) -> None:
    """Cancelled after each number of event loop turns, from before the connection to after the answer."""
    node = Node()
    async with await asyncio.start_server(node.serve, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        topology = Topology(parse_cluster_url(f"redis+cluster://127.0.0.1:{port}"))
        topology.refresh_soon()
        for _ in range(turns):
            await asyncio.sleep(0)
        await topology.aclose()
        with warnings.catch_warnings(action="error"):
            gc.collect()
        await eventually(lambda: node.open == 0)


async def test_refresh_learns_the_master_of_each_slot() -> None:
    node = Node()
    async with await asyncio.start_server(node.serve, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        topology = Topology(parse_cluster_url(f"redis+cluster://127.0.0.1:{port}"))
        await topology.refresh()
        assert topology.shard_of(0).master.port == 7000
        await topology.aclose()


async def test_unreachable_cluster_is_not_asked_again_for_a_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("datastore.redis.cluster.topology._UNREACHABLE_SECONDS", 60.0)
    node, port = Node(), free_port()
    redis = ClusterRedis(parse_cluster_url(f"redis+cluster://127.0.0.1:{port}"))
    pipeline = ClusterPipeline(redis)
    with pytest.raises(RedisConnectionError):
        await redis.get("rook")
    async with await asyncio.start_server(node.serve, "127.0.0.1", port) as server:
        assert server.is_serving()
        for reply in (redis.get("rook"), pipeline.fetch(["rook"])):
            with pytest.raises(RedisConnectionError):
                await reply
        assert node.accepted == 0

        monkeypatch.setattr("datastore.redis.cluster.topology._UNREACHABLE_SECONDS", 0.0)
        await redis.topology.refresh()
        assert not redis.topology.is_unreachable
        assert node.accepted == 1
        await pipeline.aclose()
        await redis.aclose()
