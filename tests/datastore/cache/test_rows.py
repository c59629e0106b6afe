"""The read-through cache: fails open, keeps the order asked, and never keeps what was read before a change."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from redis.asyncio import Redis
from structlog.testing import capture_logs

from core.errors import UnavailableError
from core.ids import UserId
from datastore.cache.rows import RowCache
from datastore.embedded.stores import free_port
from datastore.redis import keys
from datastore.redis.client import open_redis
from datastore.redis.node.pipeline import Line, open_line
from tests.support.stores import OwnStore
from tests.support.waiting import eventually

OwnValkey = Callable[[], Awaitable[OwnStore]]
TTL_SECONDS = 100


class Bird(msgspec.Struct, frozen=True, array_like=True):
    id: UserId
    name: str


class Birds:
    """The database behind the cache: a dict; it remembers what it was asked for, and answers when it may."""

    def __init__(self, *names: str) -> None:
        self.rows = {number: Bird(UserId(number), name) for number, name in enumerate(names, 1)}
        self.asked: list[list[int]] = []
        self.may_answer = asyncio.Event()
        self.may_answer.set()

    def rename(self, number: int, name: str) -> None:
        self.rows[number] = Bird(UserId(number), name)

    async def load(self, ids: Sequence[UserId]) -> Mapping[UserId, Bird]:
        self.asked.append(list(ids))
        found = {id_: self.rows[id_] for id_ in ids if id_ in self.rows}
        await self.may_answer.wait()
        return found


def cache_of(line: Line, birds: Birds) -> RowCache[UserId, Bird]:
    return RowCache(line, Bird, key=lambda id_: f"bird:{id_}", load=birds.load, ttl_seconds=TTL_SECONDS)


@pytest.fixture
def birds() -> Birds:
    return Birds("rook", "crow", "raven")


@pytest.fixture
def cache(line: Line, birds: Birds) -> RowCache[UserId, Bird]:
    return cache_of(line, birds)


Cache = RowCache[UserId, Bird]


async def names(cache: Cache, *ids: int) -> list[str | None]:
    rows = await cache.get_many([UserId(id_) for id_ in ids])
    return [None if row is None else row.name for row in rows]


async def test_a_row_is_loaded_once_and_then_read_from_the_cache(cache: Cache, birds: Birds, redis: Redis) -> None:
    assert await names(cache, 1) == ["rook"]
    assert await names(cache, 1) == ["rook"]
    assert birds.asked == [[1]]
    assert await redis.keys() == [b"bird:1"]


async def test_only_what_is_not_cached_is_loaded(cache: Cache, birds: Birds) -> None:
    await names(cache, 2)
    assert await names(cache, 1, 2, 3) == ["rook", "crow", "raven"]
    assert birds.asked == [[2], [1, 3]]


async def test_what_there_is_none_of_is_none_and_not_kept(cache: Cache, birds: Birds, redis: Redis) -> None:
    assert await names(cache, 9, 1) == [None, "rook"]
    assert await redis.keys() == [b"bird:1"]
    birds.rename(9, "jackdaw")
    assert await names(cache, 9) == ["jackdaw"]


async def test_nothing_asked_is_nothing_done(cache: Cache, birds: Birds) -> None:
    assert await cache.get_many([]) == []
    assert birds.asked == []


async def test_rows_live_about_as_long_as_they_should_those_of_one_page_equally(redis: Redis, line: Line) -> None:
    birds = Birds(*[f"bird {number}" for number in range(40)])
    cache = cache_of(line, birds)
    pages = [list(birds.rows)[at : at + 2] for at in range(0, 40, 2)]
    for page in pages:
        await names(cache, *page)
    ends = [[await redis.pexpiretime(f"bird:{number}") for number in page] for page in pages]
    assert all(abs(one - other) <= 100 for one, other in ends)
    lifetimes = [await redis.pttl(f"bird:{one}") / 1000 for one, _ in pages]
    assert all(0.75 * TTL_SECONDS < seconds <= 1.2 * TTL_SECONDS for seconds in lifetimes)
    assert max(lifetimes) - min(lifetimes) > 5


@given(st.lists(st.integers(1, 5), max_size=8), st.sets(st.integers(1, 5)))
async def test_order_and_duplicates_are_kept_whatever_is_cached(
    redis: Redis, line: Line, asked: list[int], cached: set[int]
) -> None:
    birds = Birds("rook", "crow", "raven")
    await redis.flushdb()
    await names(cache_of(line, birds), *cached)
    expected = [birds.rows[id_].name if id_ in birds.rows else None for id_ in asked]
    assert await names(cache_of(line, birds), *asked) == expected
    assert birds.asked[1 if cached else 0 :] == ([wanted] if (wanted := to_load(asked, cached)) else [])


def to_load(asked: Sequence[int], cached: set[int]) -> list[int]:
    """Once each, in the order asked; 4 and 5 are nobody and never cached."""
    return [id_ for id_ in dict.fromkeys(asked) if id_ not in cached or id_ > 3]


async def test_a_changed_row_is_read_anew_at_once(cache: Cache, birds: Birds) -> None:
    await names(cache, 1, 2)
    birds.rename(1, "old rook")
    await cache.forget(UserId(1))
    assert await names(cache, 1, 2) == ["old rook", "crow"]


async def test_what_was_read_before_a_change_is_not_kept_after_it(cache: Cache, birds: Birds, redis: Redis) -> None:
    birds.may_answer.clear()
    reading = asyncio.create_task(names(cache, 1, 2))
    await eventually(lambda: birds.asked == [[1, 2]])
    birds.rename(1, "old rook")
    await cache.forget(UserId(1))
    birds.may_answer.set()

    assert await reading == ["rook", "crow"]
    assert await redis.get("bird:1") == b""
    assert await names(cache, 1, 2) == ["old rook", "crow"]
    assert birds.asked == [[1, 2], [1]]


async def test_the_mark_of_a_change_lasts_seconds_and_then_the_row_is_kept_again(
    cache: Cache, birds: Birds, redis: Redis
) -> None:
    await cache.forget(UserId(1))
    assert 0 < await redis.pttl("bird:1") <= 3_000
    await names(cache, 1)
    assert await redis.get("bird:1") == b""

    await redis.delete("bird:1")
    await names(cache, 1)
    assert await names(cache, 1) == ["rook"]
    assert birds.asked == [[1], [1]]


async def test_a_reader_who_took_longer_than_a_mark_lasts_keeps_nothing(
    cache: Cache, birds: Birds, redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("datastore.cache.rows._MARK_MS", 40)
    birds.may_answer.clear()
    reading = asyncio.create_task(names(cache, 1))
    await eventually(lambda: birds.asked == [[1]])
    birds.rename(1, "old rook")
    await cache.forget(UserId(1))
    await eventually(lambda: is_gone(redis, "bird:1"))
    birds.may_answer.set()

    assert await reading == ["rook"]
    assert await redis.exists("bird:1") == 0
    assert await names(cache, 1) == ["old rook"]


async def test_bytes_of_another_version_of_the_program_are_read_anew(cache: Cache, birds: Birds, redis: Redis) -> None:
    await redis.set("bird:1", msgspec.msgpack.encode([1]))
    await redis.set("bird:2", b"\xc1")
    assert await names(cache, 1, 2, 3) == ["rook", "crow", "raven"]
    assert birds.asked == [[1, 2, 3]]


async def test_without_redis_all_is_loaded(birds: Birds) -> None:
    async with open_line(f"redis://127.0.0.1:{free_port()}") as line:
        cache = cache_of(line, birds)
        assert await names(cache, 3, 9, 3) == ["raven", None, "raven"]
        assert await names(cache, 3) == ["raven"]
    assert birds.asked == [[3, 9], [3]]


async def test_a_redis_that_is_lost_between_reading_and_filling_fails_nobody(
    birds: Birds, own_valkey: OwnValkey
) -> None:
    store = await own_valkey()
    async with open_line(store.url) as line:
        birds.may_answer.clear()
        reading = asyncio.create_task(names(cache_of(line, birds), 1))
        await eventually(lambda: birds.asked == [[1]])
        await store.kill()
        birds.may_answer.set()
        with capture_logs() as logs:
            assert await reading == ["rook"]
    assert [log["event"] for log in logs] == ["cache away, rows not kept"]


async def test_a_change_while_redis_was_away_is_seen_by_all_once_it_is_back(
    birds: Birds, own_valkey: OwnValkey
) -> None:
    store = await own_valkey()
    async with open_redis(store.url) as redis, open_line(store.url) as line, open_line(store.url) as elsewhere:
        cache, other = cache_of(line, birds), cache_of(elsewhere, birds)
        await names(cache, 1, 2)
        await store.kill()
        birds.rename(1, "old rook")
        with capture_logs() as logs:
            await cache.forget(UserId(1))
        assert [log["event"] for log in logs] == ["cache away, row not marked"]

        await store.restart()
        assert await redis.get("bird:1") == msgspec.msgpack.encode(Bird(UserId(1), "rook"))
        assert await names(cache, 2) == ["crow"]
        assert await names(other, 1, 2) == ["old rook", "crow"]
        assert await names(cache, 1, 2) == ["old rook", "crow"]


async def test_a_change_that_was_not_told_yet_is_seen_by_who_made_it(birds: Birds, own_valkey: OwnValkey) -> None:
    store = await own_valkey()
    async with open_line(store.url) as line:
        cache = cache_of(line, birds)
        await names(cache, 1)
        await store.kill()
        birds.rename(1, "old rook")
        await cache.forget(UserId(1))
        assert await names(cache, 1) == ["old rook"]
        await store.restart()
        assert await names(cache, 1) == ["old rook"]


async def is_gone(redis: Redis, key: str) -> bool:
    return not await redis.exists(key)


async def test_a_spare_serves_while_the_database_is_away(line: Line, birds: Birds, redis: Redis) -> None:
    is_away = False

    async def load(ids: Sequence[UserId]) -> Mapping[UserId, Bird]:
        if is_away:
            raise UnavailableError("The database")
        return await birds.load(ids)

    def spared(seconds: int) -> Cache:
        return RowCache(
            line, Bird, key=lambda id_: f"bird:{id_}", load=load, ttl_seconds=TTL_SECONDS, spare_seconds=seconds
        )

    assert await names(spared(TTL_SECONDS), 1, 2) == ["rook", "crow"]
    await redis.delete("bird:1", "bird:2")  # as when their time is over
    is_away = True
    assert await names(spared(TTL_SECONDS), 1, 2) == ["rook", "crow"]
    with pytest.raises(UnavailableError):
        await names(spared(TTL_SECONDS), 1, 3)
    with pytest.raises(UnavailableError):
        await names(spared(0), 1)


async def test_a_row_that_was_changed_leaves_no_spare(line: Line, birds: Birds, redis: Redis) -> None:
    cache: Cache = RowCache(
        line, Bird, key=lambda id_: f"bird:{id_}", load=birds.load, ttl_seconds=TTL_SECONDS, spare_seconds=TTL_SECONDS
    )
    await names(cache, 1)
    assert await redis.exists(keys.spare("bird:1"))
    await cache.forget(UserId(1))
    assert not await redis.exists(keys.spare("bird:1"))
    birds.rename(1, "jackdaw")
    assert await names(cache, 1) == ["jackdaw"]  # over the mark nothing is kept, and no spare either
    assert not await redis.exists(keys.spare("bird:1"))


async def test_what_many_lack_at_one_moment_is_loaded_together(redis_url: str, birds: Birds) -> None:
    birds.may_answer.clear()
    async with open_line(redis_url) as line:
        cache = cache_of(line, birds)
        looks = [asyncio.create_task(cache.get_many([UserId(1 + number % 3)])) for number in range(60)]
        await eventually(lambda: bool(birds.asked))
        birds.may_answer.set()
        names = [row.name for (row,) in await asyncio.gather(*looks) if row is not None]
    assert names == ["rook", "crow", "raven"] * 20
    assert len(birds.asked) <= 20
