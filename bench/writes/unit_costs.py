"""Costs of single acts for the capacity planner; `python -m bench.writes.unit_costs [FILE]` writes them to a file.

`--acts` measures likes, retweets, follows and unfollows alone, `--media` pictures and mails; both keep the other costs.

Measures processor time, which does not depend on other load: in a warm network of 10,000 people on its own processes,
and with lists of 800 ids on one Valkey beside it.
"""

import argparse
import asyncio
import tomllib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from time import process_time
from typing import Final

import httpx
import uvloop

from bench.acts.acts import act_costs
from bench.data.complete_lists import until_delivered
from bench.data.population import PASSWORD
from bench.data.scaled_network import Author, ScaledNetwork, open_scaled_network
from bench.harness.client import Client, HomeSubscription, connected, sign_in
from bench.harness.cpu import redis_seconds, resident_mb, seconds_by_word
from bench.harness.figures import machine
from bench.harness.home_page import HOME, PAGE, number, read_page
from bench.scaling.celebrity_fanout import running_cluster
from bench.writes.media_costs import media_costs
from core.ids import SnowflakeMaker, UserId
from core.runtime.tasks import for_each
from datastore.admin.capacity.command import COSTS
from datastore.mongo.bulk import chunked
from datastore.redis import keys
from datastore.redis.client import open_redis, send_all
from datastore.redis.cluster.pipeline import open_pipeline
from datastore.timelines.home import HomeTimelineStore

PEOPLE, LISTS, LENGTH, ROUNDS, FOLLOWERS = 10_000, 4_000, 800, 10, 75
_JOBS_AT_ONCE = 16
PAGES, POSTS, EVENT_POSTS = 300, 30, 10
WATCHERS, SOCKETS_EACH = 40, 5
_API, _WORKERS, _MONGO, _REDIS = "uvicorn", "-m workers", "mongod", "valkey-server"
_KINDS: Final = (_API, _WORKERS, _MONGO, _REDIS)


@dataclass(frozen=True, slots=True)
class Spent:
    """Microseconds of processor time per act, by kind of process."""

    api: float
    workers: float
    mongo: float
    redis: float


async def measure() -> dict[str, float]:
    costs = await _lists()
    async with open_scaled_network(PEOPLE) as network:
        for _, client in network.readers:
            await read_page(client)
        page = await _spent(network, PAGES, lambda: _read(network, PAGES))
        few = await _spent(network, POSTS, lambda: _post(network, network.median, POSTS))
        many = await _spent(network, POSTS, lambda: _post(network, network.star, POSTS))
        more = len(network.star.followers) - len(network.median.followers)
        costs |= {
            "redis_page_us": page.redis,
            "api_page_us": page.api,
            "api_post_us": few.api,
            "mongo_post_us": few.mongo,
            "worker_post_us": few.workers,
            "mongo_push_us": max((many.mongo - few.mongo) / more, 0.01),
            "page_wire_bytes": await _page_bytes(network),
        }
        costs |= await _on_disk(network)
        costs |= await _sockets(network)
    return costs | await act_costs() | await media_costs()


async def _lists() -> dict[str, float]:
    """Pushes to 75 followers, nearly each in another bucket, on a cluster of one master."""
    async with running_cluster(1) as url, open_redis(url) as redis, open_pipeline(url, redis) as pipeline:
        ids, store = SnowflakeMaker(0), HomeTimelineStore(redis, pipeline, LENGTH)
        readers = [UserId(ids()) for _ in range(LISTS)]
        full = [str(ids()) for _ in range(LENGTH)]
        for some in chunked(readers, 100):
            await send_all(redis, [("LPUSH", keys.home(reader), *full) for reader in some])
        began, before = process_time(), await redis_seconds(redis)
        for _ in range(ROUNDS):
            item = ids()
            await for_each(chunked(readers, FOLLOWERS), partial(_push, store, item), at_once=_JOBS_AT_ONCE)
        ours, theirs = process_time() - began, await redis_seconds(redis) - before
        sizes = [await redis.memory_usage(keys.home(reader), samples=0) or 0 for reader in readers[:100]]
    pushes = ROUNDS * LISTS
    return {
        "list_bytes": sum(sizes) / len(sizes),
        "redis_push_us": theirs * 1e6 / pushes,
        "worker_push_us": ours * 1e6 / pushes,
    }


async def _push(store: HomeTimelineStore, item: int, some: Sequence[UserId]) -> None:
    await store.push(some, item)


async def _spent(network: ScaledNetwork, times: int, act: Callable[[], Awaitable[None]]) -> Spent:
    before = seconds_by_word(network.processes, _KINDS)
    await act()
    after = seconds_by_word(network.processes, _KINDS)
    return Spent(*[(after[kind] - before[kind]) * 1e6 / times for kind in _KINDS])


async def _read(network: ScaledNetwork, times: int) -> None:
    for turn in range(times):
        _, client = network.readers[turn % len(network.readers)]
        assert len((await read_page(client)).items) == PAGE


async def _post(network: ScaledNetwork, author: Author, times: int) -> None:
    for _ in range(times):
        tweet_id = number(await author.client.post("A rook has landed in the old elm by the river, and nobody saw it"))
        await until_delivered(network.stores, author.followers, tweet_id)


async def _page_bytes(network: ScaledNetwork) -> float:
    _, client = network.readers[0]
    headers = {"authorization": f"Bearer {client.token}"}
    answer = await client.http.post("/graphql", json={"query": HOME, "variables": {"first": PAGE}}, headers=headers)
    return float(len(answer.content))


async def _on_disk(network: ScaledNetwork) -> dict[str, float]:
    """Bytes per row with indexes and without compression, and bytes of a cached tweet."""
    costs = {}
    for name, collection in (("tweet", "tweets"), ("person", "users"), ("follow", "follows")):
        stats = await network.stores.mongo.database.command("collStats", collection)
        costs[f"{name}_disk_bytes"] = (stats["size"] + stats["totalIndexSize"]) / stats["count"]
    rows = [key async for key in network.stores.redis.scan_iter("tweet:*", count=1_000)][:100]
    sizes = [await network.stores.redis.memory_usage(row, samples=0) or 0 for row in rows]
    return costs | {"cached_tweet_bytes": sum(sizes) / len(sizes)}


async def _sockets(network: ScaledNetwork) -> dict[str, float]:
    """Memory of the API per socket, and its processor time per event, for followers of the most-followed author."""
    base = str(network.star.client.http.base_url)
    async with AsyncExitStack() as opened:
        http = await opened.enter_async_context(connected(base))
        fans = [await _signed_in(http, network, user_id) for user_id in network.star.followers[:WATCHERS]]
        heads = [(await fan.head())[1] for fan in fans]
        api = {pid for pid in network.processes if seconds_by_word({pid}, [_API])[_API] > 0}
        before = resident_mb(api)
        watchers = [
            await opened.enter_async_context(fan.subscribe_home(head))
            for fan, head in zip(fans, heads, strict=True)
            for _ in range(SOCKETS_EACH)
        ]
        memory = resident_mb(api) - before
        few = await _spent(network, EVENT_POSTS, lambda: _post(network, network.median, EVENT_POSTS))
        sizes = list[int]()
        many = await _spent(network, EVENT_POSTS, lambda: _events(network, watchers, sizes))
    return {
        "socket_bytes": memory * 1024 * 1024 / len(watchers),
        "api_event_us": (many.api - few.api) / len(watchers),
        "event_wire_bytes": float(sizes[0]),
    }


async def _signed_in(http: httpx.AsyncClient, network: ScaledNetwork, user_id: UserId) -> Client:
    return await sign_in(http, network.people.handle(network.people.ids.index(user_id)), PASSWORD)


async def _events(network: ScaledNetwork, watchers: Sequence[HomeSubscription], sizes: list[int]) -> None:
    """Sends each post when all subscribers have received the one before. Appends message sizes to `sizes`."""
    for _ in range(EVENT_POSTS):
        await network.star.client.post("A rook has landed in the old elm by the river, and nobody saw it")
        sizes += [
            len(message) for message in await asyncio.gather(*[_next_item_event(watcher) for watcher in watchers])
        ]


async def _next_item_event(watcher: HomeSubscription) -> bytes:
    while b"TimelineItemAdded" not in (message := await watcher.socket.recv(decode=False)):
        continue
    return message


def _toml(table: Mapping[str, str], costs: Mapping[str, float]) -> str:
    lines = [
        "# Measured by `python -m bench.writes.unit_costs`: microseconds of processor time, bytes.",
        *[f'{name} = "{value}"' for name, value in table.items()],
        "",
        "[costs]",
        *[f"{name} = {round(value, 2)}" for name, value in sorted(costs.items())],
    ]
    return "\n".join([*lines, ""])


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.writes.unit_costs")
    parser.add_argument("file", nargs="?", type=Path, default=COSTS, metavar="FILE")
    parser.add_argument("--acts", action="store_true", help="acts alone; the other costs of the file stay")
    parser.add_argument("--media", action="store_true", help="pictures and mails alone")
    options = parser.parse_args()
    measured = {"measured_on": str(datetime.now(UTC).date()), "machine": machine()}
    if options.acts or options.media:
        part, measuring = ("acts", act_costs()) if options.acts else ("media", media_costs())
        table = tomllib.loads(options.file.read_text())
        table |= {f"{part}_{name}": value for name, value in measured.items()}
        costs = table.pop("costs") | uvloop.run(measuring)
    else:
        table, costs = measured, uvloop.run(measure())
    text = _toml(table, costs)
    options.file.write_text(text)
    print(text)


if __name__ == "__main__":
    main()
