"""What a look at the cluster leaves behind, wherever it is given up."""

import asyncio
import gc
import warnings
from asyncio import StreamReader, StreamWriter

import pytest
from redis.exceptions import ConnectionError as ConnectionBroken

from core.redis_cluster_url import parse_cluster_url
from datastore.embedded.stores import free_port
from datastore.redis.cluster.client import ClusterRedis
from datastore.redis.cluster.pipeline import ClusterLine
from datastore.redis.cluster.topology import Topology
from tests.support.waiting import eventually

SLOTS = b"*1\r\n*3\r\n:0\r\n:16383\r\n*2\r\n$9\r\n127.0.0.1\r\n:7000\r\n"
TURNS = 40


class Node:
    """Answers each command by OK, and CLUSTER SLOTS as who serves all of them."""

    def __init__(self) -> None:
        self.open = self.came = 0

    async def serve(self, reader: StreamReader, writer: StreamWriter) -> None:
        self.open += 1
        self.came += 1
        try:
            while words := await reader.read(4096):
                writer.write(b"+OK\r\n" * (words.count(b"*") - words.count(b"CLUSTER")))
                writer.write(SLOTS * words.count(b"CLUSTER"))
        finally:
            self.open -= 1
            writer.close()


@pytest.mark.parametrize("turns", range(TURNS))
async def test_a_look_that_is_given_up_leaves_no_connection(turns: int) -> None:
    """Given up after so many turns of the loop, from before its connection to behind its answer."""
    node = Node()
    async with await asyncio.start_server(node.serve, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        topology = Topology(parse_cluster_url(f"redis+cluster://127.0.0.1:{port}"))
        topology.look_soon()
        for _ in range(turns):
            await asyncio.sleep(0)
        await topology.aclose()
        with warnings.catch_warnings(action="error"):
            gc.collect()
        await eventually(lambda: node.open == 0)


async def test_a_look_that_is_awaited_tells_who_serves() -> None:
    node = Node()
    async with await asyncio.start_server(node.serve, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        topology = Topology(parse_cluster_url(f"redis+cluster://127.0.0.1:{port}"))
        await topology.refresh()
        assert topology.shard_of(0).master.port == 7000
        await topology.aclose()


async def test_a_cluster_that_was_lost_a_moment_ago_is_asked_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("datastore.redis.cluster.topology._LOST_SECONDS", 60.0)
    node, port = Node(), free_port()
    redis = ClusterRedis(parse_cluster_url(f"redis+cluster://127.0.0.1:{port}"))
    line = ClusterLine(redis)
    with pytest.raises(ConnectionBroken):
        await redis.get("rook")
    async with await asyncio.start_server(node.serve, "127.0.0.1", port) as server:
        assert server.is_serving()
        for asked in (redis.get("rook"), line.fetch(["rook"])):
            with pytest.raises(ConnectionBroken):
                await asked
        assert node.came == 0

        monkeypatch.setattr("datastore.redis.cluster.topology._LOST_SECONDS", 0.0)
        await redis.topology.refresh()
        assert not redis.topology.is_lost
        assert node.came == 1
        await line.aclose()
        await redis.aclose()
