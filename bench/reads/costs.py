"""What a page of the home timeline costs somebody who has just read one: time, and what is asked of the stores."""

from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from time import perf_counter

from bench.harness.client import Client
from bench.harness.cpu import CpuWatch, children
from bench.harness.pages import HOME, PAGE, read_page
from bench.harness.store_calls import Asked, Rounds, command_log, queries_of, slow_redis, usual
from core.auth.tokens import utc_now
from core.ids import SessionId, UserId
from core.settings import Settings
from datastore.stores import Stores, open_stores
from resolvers.accounts.sessions import authenticate
from resolvers.identity import Identity
from resolvers.rate_limit import spend
from resolvers.services import open_services
from resolvers.timelines.home import home_timeline
from resolvers.timelines.pages import PageOrder
from schema.live.wiring import live_of
from schema.request.context import RequestContext
from schema.roots import build_schema

PAGES = 150
COUNTED_PAGES = 50
ROUND_PAGES = 10
# For some seconds after a change its rows are not kept in the cache.
WARM_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class PageRounds:
    """Rounds to Redis, one after the other: to check the token, to make the page, and to answer all that was asked."""

    token: Asked
    page: Asked
    operation: Asked


@dataclass(frozen=True, slots=True)
class Costs:
    """`ms` of each page; `cpu`: milliseconds of API, workers and stores for one.

    `uncounted`: queries when the counts have run out of the cache, as each does after some 10 s.
    """

    ms: list[float]
    cpu: float | None
    commands: Asked
    queries: Asked
    uncounted: Asked
    rounds: PageRounds


def acting_as(user_id: UserId) -> Identity:
    """For acts in this process, behind which no session stands."""
    return Identity(user_id, SessionId(0), utc_now() + timedelta(hours=1))


async def costs_of_page(stores: Stores, settings: Settings, client: Client, user_id: UserId) -> Costs:
    async def read() -> None:
        assert len((await read_page(client)).items) == PAGE

    began = perf_counter()
    while perf_counter() - began < WARM_SECONDS:
        await read()
    watch = CpuWatch(children())
    ms = [(await read_page(client)).ms for _ in range(PAGES)]
    cpu = watch.ms_each(PAGES)
    async with command_log(stores.redis) as log:
        commands = usual([await log.of(read) for _ in range(COUNTED_PAGES)])
    queries = usual([await queries_of(stores.mongo, read) for _ in range(COUNTED_PAGES)])
    uncounted = usual([await _queries_uncounted(stores, read) for _ in range(ROUND_PAGES)])
    return Costs(ms, cpu, commands, queries, uncounted, await _rounds(settings, client, user_id))


async def _queries_uncounted(stores: Stores, read: Callable[[], Awaitable[None]]) -> Counter[str]:
    counts = [key async for key in stores.redis.scan_iter("counts:tweet:*", count=1_000)]
    await stores.redis.delete(*counts)
    return await queries_of(stores.mongo, read)


async def _rounds(settings: Settings, client: Client, user_id: UserId) -> PageRounds:
    """In this process, by the use cases that the API calls."""
    async with (
        slow_redis(settings.redis_url or "") as rounds,
        open_stores(settings.model_copy(update={"redis_url": rounds.url})) as stores,
        open_services(stores, settings) as services,
        live_of(services, settings.redis_url) as live,
    ):
        identity = acting_as(user_id)

        async def operation() -> None:
            rate = await spend(services, identity, "", 1)
            context = RequestContext(services, live, identity=identity, address="", rate=rate)
            result = await build_schema().execute(HOME, {"first": PAGE}, context_value=context)
            assert not result.errors, result.errors

        return PageRounds(
            token=await _usual_rounds(rounds, lambda: authenticate(services, client.token)),
            page=await _usual_rounds(rounds, lambda: home_timeline(services, identity, PageOrder(PAGE))),
            operation=await _usual_rounds(rounds, operation),
        )


async def _usual_rounds(rounds: Rounds, act: Callable[[], Awaitable[object]]) -> Asked:
    """After a first time, which opens connections."""
    await act()
    return usual([Counter(rounds=await rounds.of(act)) for _ in range(ROUND_PAGES)])
