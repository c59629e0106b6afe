"""Runs one fault on a cluster under load, and measures the time before, during and after it."""

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any, NamedTuple

from pymongo import AsyncMongoClient
from pymongo.errors import PyMongoError

from bench.chaos.checker import Checker, Verdict
from bench.chaos.load.profile import LoadProfile
from bench.chaos.load.workload import Workload
from bench.deployment.cluster import Cluster
from bench.harness.figures import percentile
from core.ids import TweetId, first_id_of, wall_ms
from datastore.stores import Stores

SETTLE_SECONDS = 60.0
_SAMPLE_SECONDS = 0.1
_LOOK_SECONDS = 1.0


class Span(NamedTuple):
    began: float
    ended: float


@dataclass(frozen=True, slots=True)
class Outcome:
    """Measurements of one round.

    `silence_seconds` is the longest time without an acknowledged write, `live_seconds` the longest delay from a tweet's
    acknowledgement to a subscriber, `queries_in_flight` the most that MongoDB worked on at once.
    """

    verdict: Verdict
    settle_seconds: float
    reads: int
    failed_reads: int
    wrong_reads: int
    calm_p99: float
    p99: float
    writes: int
    failed_writes: int
    silence_seconds: float
    refusal_seconds: float
    refusals: frozenset[str]
    live_seconds: float
    lost_sockets: int
    resets: int
    queries_in_flight: int
    troubles: Mapping[str, int]
    more: dict[str, float] = field(default_factory=dict)

    def with_more(self, **more: float) -> "Outcome":
        return replace(self, more={**self.more, **more})


@dataclass(frozen=True, slots=True)
class Experiment:
    cluster: Cluster
    scale: LoadProfile
    stores: Stores
    workload: Workload
    checker: Checker

    async def run(self, fault: Callable[[], Awaitable[None]]) -> Outcome:
        """A calm time, the fault, a time after it; then waits until everything is right, for a minute at most."""
        since, calm_began = TweetId(first_id_of(wall_ms())), time.monotonic()
        await asyncio.sleep(self.scale.calm_seconds)
        calm, connected, resets = Span(calm_began, time.monotonic()), *self._sockets()
        counting = asyncio.create_task(self._queries_in_flight())
        await fault()
        fault_ended = time.monotonic()
        await asyncio.sleep(self.scale.after_seconds)
        counting.cancel()
        span = Span(calm.ended, time.monotonic())
        async with self.workload.halted():
            remaining = SETTLE_SECONDS - (time.monotonic() - fault_ended)
            verdict = await self.checker.until_right(since, remaining)
            settled = time.monotonic() - fault_ended
        return self._outcome(
            span,
            verdict=verdict,
            settle_seconds=settled,
            calm_p99=self._p99(calm),
            lost_sockets=self._sockets()[0] - connected,
            resets=self._sockets()[1] - resets,
            queries_in_flight=await counting,
        )

    def _outcome(self, span: Span, **known: Any) -> Outcome:  # noqa: ANN401 - fields of the outcome
        reads, tries = self.workload.history.reads_between(*span), self.workload.history.tries_between(*span)
        refused = [tried for tried in tries if tried.trouble is not None]
        done = sorted(tried.ended for tried in tries if tried.trouble is None)
        return Outcome(
            reads=len(reads),
            failed_reads=sum(read.trouble is not None for read in reads),
            wrong_reads=self.checker.wrong_reads(reads),
            p99=self._p99(span),
            writes=len(tries),
            failed_writes=len(refused),
            silence_seconds=_longest((span.began, *done, span.ended)),
            refusal_seconds=max((tried.ended - tried.began for tried in refused), default=0.0),
            refusals=frozenset(tried.trouble for tried in refused if tried.trouble is not None),
            live_seconds=max(self.delivery_delays(span), default=0.0),
            troubles=Counter((*self._ends(span), *(f"read {read.trouble}" for read in reads if read.trouble))),
            **known,
        )

    def _p99(self, span: Span) -> float:
        seconds = [read.ended - read.began for read in self.workload.history.reads_between(*span)]
        return percentile(seconds, 99) if len(seconds) > 1 else float("inf")

    def _sockets(self) -> tuple[int, int]:
        """Numbers of connections beyond those after a reset, and of resets; each reset is followed by a reconnect."""
        subscriptions = self.workload.history.subscriptions
        resets = sum(subscription.resets for subscription in subscriptions)
        return sum(subscription.connected for subscription in subscriptions) - resets, resets

    def _ends(self, span: Span) -> list[str]:
        ends = [end for subscription in self.workload.history.subscriptions for end in subscription.ends]
        return [f"socket {why}" for at, why in ends if span.began <= at <= span.ended]

    def delivery_delays(self, span: Span) -> list[float]:
        """Seconds from the acknowledgement of each tweet in the span to each of its subscribers."""
        posted = {
            post.tweet_id: post.acknowledged
            for post in self.workload.history.posts
            if span.began <= post.acknowledged <= span.ended
        }
        return [
            received.at - posted[received.tweet_id]
            for subscription in self.workload.history.subscriptions
            for received in subscription.received
            if received.tweet_id in posted
        ]

    async def _queries_in_flight(self) -> int:
        """Samples the queries that all members work on until it is cancelled, and returns the maximum."""
        most = 0
        clients = [
            AsyncMongoClient[dict[str, Any]](
                f"mongodb://{member.server.address}/?directConnection=true", serverSelectionTimeoutMS=500
            )
            for member in self.cluster.stores.mongo
        ]
        try:
            while True:
                most = max(most, sum(await asyncio.gather(*[_active(client) for client in clients])))
                await asyncio.sleep(_SAMPLE_SECONDS)
        except asyncio.CancelledError:
            return most
        finally:
            for client in clients:
                with suppress(PyMongoError):
                    await client.close()


async def _active(client: AsyncMongoClient[dict[str, Any]]) -> int:
    looking: list[dict[str, Any]] = [
        {"$currentOp": {}},
        {"$match": {"active": True, "ns": {"$regex": r"^rookery\."}}},
        {"$count": "n"},
    ]
    with suppress(PyMongoError, TimeoutError):
        async with asyncio.timeout(_LOOK_SECONDS):
            found = await (await client.admin.aggregate(looking)).to_list()
            return int(found[0]["n"]) if found else 0
    return 0


def _longest(moments: Iterable[float]) -> float:
    return max(later - earlier for earlier, later in pairwise(moments))
