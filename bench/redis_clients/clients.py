"""Our Redis clients, valkey-glide and coredis in one run: the three reads of a page, sharded pub/sub, cluster faults.

A page reads its ids by the script home_read, then 31 tweets and 20 people. Our client tracks the rows that it reads
(CLIENT TRACKING); the others do not. Processor time is that of this process with all of its threads. A client whose
package is not installed is left out.
"""

import asyncio
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import partial
from statistics import median
from typing import NamedTuple

from redis.asyncio import Redis

from bench.harness.cpu import redis_seconds
from bench.harness.figures import Figure
from bench.redis_clients.client import Client, HomeRead, Store
from bench.redis_clients.faults import ClientOutage, Fault
from bench.redis_clients.peers import OURS, PEERS, Peer
from bench.redis_clients.shards import BreakableCluster, breakable_cluster
from core.ids import TweetId, UserId
from core.network.redis_cluster_url import Address
from datastore.embedded.stores import embedded_stores
from datastore.redis import keys
from datastore.redis.client import open_redis, send_all
from datastore.redis.cluster.slots import slot_of
from datastore.redis.scripts import script_source

ROUNDS, PAGES, AT_ONCE = 9, 192, 32
IDS, LISTED, ROW_BYTES = 31, 800, 300
MESSAGE_ROUNDS, MESSAGES, BURST = 5, 5_000, 50
BAR = 1.3
FAULT_SECONDS, MOVE_SECONDS = 20.0, 6.0

_READER = UserId(1 << 22)
_HOME = keys.home(_READER)
_TWEETS = [keys.tweet(TweetId(number << 22)) for number in range(1, IDS + 1)]
_PEOPLE = [keys.user(UserId(number << 22)) for number in range(1, 21)]
_ARGS = ("older", "", str(IDS), "60000", "3600000")
_BURST_SCRIPT = "for number = 1, tonumber(ARGV[1]) do redis.call('SPUBLISH', KEYS[1], 'notification') end"


class Spent(NamedTuple):
    """Microseconds per page or message: processor time of this process, of the servers, and time on the clock."""

    process: float
    servers: float
    clock: float


Rounds = Mapping[str, Sequence[Spent]]


async def run() -> list[Figure]:
    peers = [peer for peer in PEERS if peer.is_installed]
    missing = [Figure("clients", f"{peer.name}: not installed, left out", "-") for peer in PEERS if peer not in peers]
    async with embedded_stores(None, mongo_url="mongodb://not.needed") as urls:
        host, port = urls.redis.removeprefix("redis://").partition("/")[0].split(":")
        one = await _pages(Store([Address(host, int(port))], is_cluster=False), peers)
    async with breakable_cluster() as cluster:
        three, messages = await _pages(cluster.store, peers), await _messages(cluster.store, peers)
        moved = await _fault(cluster, peers, cluster.move, MOVE_SECONDS)
        moved_whole = await _fault(cluster, peers, cluster.move_whole, MOVE_SECONDS)
        killed = await _fault(cluster, peers, cluster.kill_master, FAULT_SECONDS)
    async with breakable_cluster() as cluster:
        frozen = await _fault(cluster, peers, cluster.freeze_master, FAULT_SECONDS)
    return [
        *missing,
        *[row for count, rounds in one.items() for row in _rows(f"page, one server, {count} at once", rounds)],
        *[row for count, rounds in three.items() for row in _rows(f"page, 3 masters, {count} at once", rounds)],
        *_rows("message, sharded pub/sub", messages),
        *_fault_rows("slot moved", moved),
        *_fault_rows("slot moved whole", moved_whole),
        *_fault_rows("master killed", killed),
        *_fault_rows("master frozen", frozen),
    ]


async def _pages(store: Store, peers: Sequence[Peer]) -> Mapping[int, Rounds]:
    """By the number of callers at once."""
    found: dict[int, dict[str, list[Spent]]] = {1: defaultdict(list), AT_ONCE: defaultdict(list)}
    async with open_redis(store.url) as redis:
        await _fill(redis)
        for _ in range(ROUNDS):
            for peer in peers:
                async with peer.open(store, _read_of(store)) as client:
                    await _read(client, 1)
                    for at_once, rounds in found.items():
                        rounds[peer.title].append(await _spent(redis, partial(_read, client, at_once), PAGES))
    return found


async def _fill(redis: Redis) -> None:
    """Stores a full home timeline of one user and all rows that their page shows."""
    rows = [("SET", key, "x" * ROW_BYTES) for key in (*_TWEETS, *_PEOPLE)]
    ids = [number << 22 for number in range(LISTED, 0, -1)]
    await send_all(redis, [("DEL", _HOME), ("RPUSH", _HOME, *ids, 0), *rows])


def _read_of(store: Store) -> HomeRead:
    siblings = keys.siblings(_HOME) if store.is_cluster else []
    return HomeRead(script_source("home_read"), _HOME, [_HOME, *siblings], _ARGS)


async def _read(client: Client, at_once: int) -> None:
    async def caller() -> None:
        for _ in range(PAGES // at_once):
            reply = await client.ids()
            tweets, people = await client.rows(_TWEETS), await client.rows(_PEOPLE)
            assert (len(reply[0]), len(tweets), len(people)) == (IDS, IDS, len(_PEOPLE))
            assert tweets[-1] is not None

    await asyncio.gather(*[caller() for _ in range(at_once)])


async def _messages(store: Store, peers: Sequence[Peer]) -> Rounds:
    found = defaultdict[str, list[Spent]](list)
    channel = keys.log_channel(_HOME)
    async with open_redis(store.url) as redis:
        for _ in range(MESSAGE_ROUNDS):
            for peer in peers:
                async with _bursts(peer, store, channel) as bursts:
                    found[peer.title].append(await _spent(redis, partial(_publish, redis, channel, bursts), MESSAGES))
    return found


@asynccontextmanager
async def _bursts(peer: Peer, store: Store, channel: str) -> AsyncIterator["asyncio.Queue[None]"]:
    """Gets an element for each burst of which all messages arrived."""
    bursts = asyncio.Queue[None]()
    count = 0

    def on_message(message: str | None) -> None:
        nonlocal count
        count += message is not None
        if message is not None and count % BURST == 0:
            bursts.put_nowait(None)

    async with peer.open(store, _read_of(store)) as client, client.listen(channel, on_message):
        yield bursts


async def _publish(redis: Redis, channel: str, bursts: "asyncio.Queue[None]") -> None:
    """Publishes each burst by one script, and waits until it has arrived."""
    for _ in range(MESSAGES // BURST):
        await send_all(redis, [("EVAL", _BURST_SCRIPT, 1, channel, BURST)])
        await bursts.get()


async def _spent(redis: Redis, work: Callable[[], Awaitable[None]], times: int) -> Spent:
    servers, process, clock = await redis_seconds(redis), time.process_time(), time.perf_counter()
    await work()
    process, clock = time.process_time() - process, time.perf_counter() - clock
    servers = await redis_seconds(redis) - servers
    return Spent(*[seconds / times * 1e6 for seconds in (process, servers, clock)])


async def _fault(
    cluster: BreakableCluster, peers: Sequence[Peer], inflict: Callable[[int], Awaitable[None]], seconds: float
) -> Mapping[str, ClientOutage]:
    key = _TWEETS[0]
    masters = [await cluster.master_of(slot_of(name)) for name in _TWEETS]
    other_key = next(name for name, master in zip(_TWEETS, masters, strict=True) if master != masters[0])
    fault = Fault(cluster.store, _read_of(cluster.store), key=key, other_key=other_key)
    outages = await fault.outages(peers, inflict, seconds=seconds)
    return dict(zip([peer.title for peer in peers], outages, strict=True))


def _rows(what: str, rounds: Rounds) -> list[Figure]:
    """`ratio`: processor time of this process against ours, the median of the rounds."""
    found = []
    for name, spent in rounds.items():
        process, servers, clock = (median(values) for values in zip(*spent, strict=True))
        ratio = median(theirs.process / mine.process for theirs, mine in zip(spent, rounds[OURS], strict=True))
        measured = f"{process:.0f} us, servers {servers:.0f} us, clock {clock:.0f} us"
        bar = () if name == OURS else (f"<= {BAR}", f"{ratio:.2f}")
        found.append(Figure("clients", f"{what}: {name}", measured, *bar))
    return found


def _fault_rows(what: str, outages: Mapping[str, ClientOutage]) -> list[Figure]:
    return [
        Figure("clients", f"{what}, {part}: {name}", text)
        for name, outage in outages.items()
        for part, text in (
            ("reads", outage.reads.text),
            ("writes", outage.writes.text),
            ("reads of another shard", outage.other_reads.text),
            ("messages", outage.subscription.text),
            ("messages, client without commands", outage.idle_subscription.text),
        )
    ]
