"""Cost of a warm home timeline page: latency, processor time, commands, queries and round trips."""

from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from time import perf_counter

from bench.harness.client import Client
from bench.harness.cpu import CpuTimer, children
from bench.harness.home_page import HOME, PAGE, read_page
from bench.harness.store_calls import (
    CallCounts,
    RoundTripCounter,
    command_log,
    most_common_counts,
    queries_of,
    slow_redis,
)
from core.auth.tokens import utc_now
from core.ids import SessionId, UserId
from core.settings import Settings
from datastore.stores import Stores, open_stores
from resolvers.accounts.credentials import authenticate
from resolvers.identity import Identity
from resolvers.rate_limit import spend
from resolvers.services import open_services
from resolvers.timelines.home import home_timeline
from resolvers.timelines.pages import PageOrder
from schema.live.wiring import wire_live
from schema.request.context import RequestContext
from schema.roots import build_schema

PAGES = 150
COUNTED_PAGES = 50
ROUND_PAGES = 10
# A changed row is not cached for some seconds.
WARM_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class PageRounds:
    """Sequential round trips to Redis: to check the token, for the page, and for the whole operation."""

    token: CallCounts
    page: CallCounts
    operation: CallCounts


@dataclass(frozen=True, slots=True)
class Costs:
    """`ms` has an entry per page; `cpu` is milliseconds of API, workers and stores per page.

    `uncounted` are the queries when the cached counts have expired, which happens after some 10 s.
    """

    ms: list[float]
    cpu: float | None
    commands: CallCounts
    queries: CallCounts
    uncounted: CallCounts
    rounds: PageRounds


def acting_as(user_id: UserId) -> Identity:
    """An identity without a session, for calls of use cases in this process."""
    return Identity(user_id, SessionId(0), utc_now() + timedelta(hours=1))


async def costs_of_page(stores: Stores, settings: Settings, client: Client, user_id: UserId) -> Costs:
    async def read() -> None:
        assert len((await read_page(client)).items) == PAGE

    began = perf_counter()
    while perf_counter() - began < WARM_SECONDS:
        await read()
    watch = CpuTimer(children())
    ms = [(await read_page(client)).ms for _ in range(PAGES)]
    cpu = watch.ms_each(PAGES)
    async with command_log(stores.redis) as log:
        commands = most_common_counts([await log.of(read) for _ in range(COUNTED_PAGES)])
    queries = most_common_counts([await queries_of(stores.mongo, read) for _ in range(COUNTED_PAGES)])
    uncounted = most_common_counts([await _queries_uncounted(stores, read) for _ in range(ROUND_PAGES)])
    return Costs(ms, cpu, commands, queries, uncounted, await _rounds(settings, client, user_id))


async def _queries_uncounted(stores: Stores, read: Callable[[], Awaitable[None]]) -> Counter[str]:
    counts = [key async for key in stores.redis.scan_iter("counts:tweet:*", count=1_000)]
    await stores.redis.delete(*counts)
    return await queries_of(stores.mongo, read)


async def _rounds(settings: Settings, client: Client, user_id: UserId) -> PageRounds:
    """Counts round trips of use cases that run in this process."""
    async with (
        slow_redis(settings.redis_url or "") as rounds,
        open_stores(settings.model_copy(update={"redis_url": rounds.url})) as stores,
        open_services(stores, settings) as services,
        wire_live(services, settings.redis_url) as live,
    ):
        identity = acting_as(user_id)

        async def operation() -> None:
            rate = await spend(services, identity, "", 1)
            context = RequestContext(services, live, identity=identity, address="", rate=rate)
            result = await build_schema().execute(HOME, {"first": PAGE}, context_value=context)
            assert not result.errors, result.errors

        return PageRounds(
            token=await _usual_rounds(rounds, lambda: authenticate(services, client.token, None)),
            page=await _usual_rounds(rounds, lambda: home_timeline(services, identity, PageOrder(PAGE))),
            operation=await _usual_rounds(rounds, operation),
        )


async def _usual_rounds(rounds: RoundTripCounter, act: Callable[[], Awaitable[object]]) -> CallCounts:
    """Leaves out the first act, which opens connections."""
    await act()
    return most_common_counts([Counter(rounds=await rounds.of(act)) for _ in range(ROUND_PAGES)])
