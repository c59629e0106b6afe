"""Makes one cluster of servers that were started for it, without any other program: for tests and benchmarks."""

import asyncio
from collections.abc import Callable, Sequence

from redis.asyncio import Redis

from core.redis_cluster_url import Address
from datastore.redis.cluster.slots import SLOTS

_POLL_SECONDS = 0.05
_FORM_SECONDS = 30.0


async def form_cluster(nodes: Sequence[Address], masters: int) -> None:
    """The first `masters` nodes share the slots; the others become their replicas, in turn. Returns when all agree.

    Raises ValueError where the nodes are too few, TimeoutError where they do not agree within half a minute.
    """
    if not 0 < masters <= len(nodes):
        raise ValueError(f"{len(nodes)} nodes are too few for {masters} masters")
    async with asyncio.timeout(_FORM_SECONDS):
        await asyncio.gather(*[_take_slots(nodes[number], number, masters) for number in range(masters)])
        await asyncio.gather(*[_ask(nodes[0], "CLUSTER MEET", *node) for node in nodes[1:]])
        await _until_all(nodes, lambda info: int(info["cluster_known_nodes"]) == len(nodes))
        names = [await _ask(node, "CLUSTER MYID") for node in nodes[:masters]]
        await asyncio.gather(
            *[_replicate(node, names[number % masters]) for number, node in enumerate(nodes[masters:])]
        )
        await _until_all(nodes, lambda info: info["cluster_state"] == "ok" and int(info["cluster_size"]) == masters)
        await asyncio.gather(*[_until_linked(node) for node in nodes[masters:]])


async def _take_slots(node: Address, number: int, masters: int) -> None:
    first, after = SLOTS * number // masters, SLOTS * (number + 1) // masters
    # Epochs of their own, or the masters would spend seconds on telling themselves apart.
    await _ask(node, "CLUSTER SET-CONFIG-EPOCH", number + 1)
    await _ask(node, "CLUSTER ADDSLOTSRANGE", first, after - 1)


async def _replicate(node: Address, master: str) -> None:
    await _until(node, lambda nodes: master in nodes, "CLUSTER NODES")
    await _ask(node, "CLUSTER REPLICATE", master)


async def _until_linked(replica: Address) -> None:
    await _until(replica, lambda info: "master_link_status:up" in info, "INFO", "replication")


async def _until_all(nodes: Sequence[Address], agrees: Callable[[dict[str, str]], bool]) -> None:
    async def agreed(node: Address) -> None:
        await _until(node, lambda text: agrees(dict(line.split(":", 1) for line in text.split())), "CLUSTER INFO")

    await asyncio.gather(*[agreed(node) for node in nodes])


async def _until(node: Address, holds: Callable[[str], bool], *words: str) -> None:
    while not holds(await _ask(node, *words)):  # noqa: ASYNC110 - another process is waited for
        await asyncio.sleep(_POLL_SECONDS)


async def _ask(node: Address, *words: str | int) -> str:
    """The answer as it came, for a reader of text."""
    async with Redis(host=node.host, port=node.port, decode_responses=True) as client:
        client.response_callbacks.clear()
        return str(await client.execute_command(*words))  # type: ignore[no-untyped-call]
