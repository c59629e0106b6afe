"""What a process remembers of rows: never what changed elsewhere, and no more than it may."""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping, Sequence

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from redis.asyncio import Redis

from core.ids import UserId
from datastore.cache.local import Memory
from datastore.cache.rows import RowCache, settle
from datastore.redis.node.pipeline import Line, open_line
from datastore.redis.node.protocol import Trace


class Bird(msgspec.Struct, frozen=True, array_like=True):
    id: UserId
    name: str


class Aviary:
    """One database, and two processes that read it through caches of their own."""

    def __init__(self, *lines: Line) -> None:
        self.rows = {UserId(number): "egg" for number in range(4)}
        self.loads = 0
        self.caches = [
            RowCache[UserId, Bird](line, Bird, key=lambda id_: f"bird:{id_}", load=self.load, ttl_seconds=100)
            for line in lines
        ]

    async def load(self, ids: Sequence[UserId]) -> Mapping[UserId, Bird]:
        self.loads += 1
        return {id_: Bird(id_, self.rows[id_]) for id_ in ids if id_ in self.rows}

    async def rename(self, by: int, id_: int, name: str) -> None:
        self.rows[UserId(id_)] = name
        await self.caches[by].forget(UserId(id_))

    async def delete(self, by: int, id_: int) -> None:
        self.rows.pop(UserId(id_), None)
        await self.caches[by].forget(UserId(id_))

    async def seen(self, by: int, *ids: int) -> list[str | None]:
        rows = await self.caches[by].get_many([UserId(id_) for id_ in ids])
        return [None if row is None else row.name for row in rows]


@pytest.fixture
async def aviary(redis: Redis, redis_url: str) -> AsyncIterator[Aviary]:
    async with open_line(redis_url) as one, open_line(redis_url) as other:
        yield Aviary(one, other)


async def is_remembered(aviary: Aviary, redis: Redis, by: int, *ids: int) -> bool:
    """Whether no row is asked for."""
    await redis.config_resetstat()
    await aviary.seen(by, *ids)
    return "cmdstat_mget" not in await redis.info("commandstats")


async def test_a_row_read_twice_is_remembered_and_one_round_confirms_it(aviary: Aviary, redis: Redis) -> None:
    assert await aviary.seen(0, 1) == ["egg"]
    assert not await is_remembered(aviary, redis, 0, 1)
    assert await is_remembered(aviary, redis, 0, 1)


async def test_what_somebody_else_changed_or_deleted_is_never_served(aviary: Aviary, redis: Redis) -> None:
    for _ in range(2):
        await aviary.seen(0, 1, 2)
    assert await is_remembered(aviary, redis, 0, 1, 2)
    await aviary.rename(1, 1, "rook")
    assert await aviary.seen(0, 1, 2) == ["rook", "egg"]
    await aviary.delete(1, 2)
    assert await aviary.seen(0, 1, 2) == ["rook", None]


async def test_rows_as_of_a_moment_that_redis_has_spoken_after_take_no_round(aviary: Aviary, redis: Redis) -> None:
    for _ in range(2):
        await aviary.seen(0, 1)
    cache = aviary.caches[0]
    began = time.monotonic()
    await cache.line.start([("PING",)])
    await redis.config_resetstat()
    assert [row and row.name for row in await cache.get_many([UserId(1)], began)] == ["egg"]
    assert "cmdstat_ping" not in await redis.info("commandstats")


async def test_many_caches_are_looked_up_in_one_round(aviary: Aviary, redis: Redis) -> None:
    one, other = (
        aviary.caches[0],
        RowCache[UserId, Bird](
            aviary.caches[0].line, Bird, key=lambda id_: f"other:{id_}", load=aviary.load, ttl_seconds=100
        ),
    )
    looks = [one.look([UserId(1), UserId(2)]), other.look([UserId(3)])]
    await settle(*looks)
    assert [[row and row.id for row in look.rows()] for look in looks] == [[1, 2], [3]]
    assert aviary.loads == 2


acts = st.lists(
    st.tuples(st.sampled_from(["rename", "delete", "read", "lose"]), st.integers(0, 1), st.integers(0, 3)), max_size=25
)


@given(acts)
async def test_each_read_sees_all_that_was_changed_before_it(redis: Redis, redis_url: str, played: list[tuple]) -> None:  # type: ignore[type-arg]
    await redis.flushdb()
    async with open_line(redis_url) as one, open_line(redis_url) as other:
        aviary = Aviary(one, other)
        for step, (act, by, id_) in enumerate(played):
            match act:
                case "rename":
                    await aviary.rename(by, id_, f"bird {step}")
                case "delete":
                    await aviary.delete(by, id_)
                case "lose":
                    await redis.client_kill_filter(skipme=True)
            expected = [aviary.rows.get(UserId(number)) for number in range(4)]
            assert await aviary.seen(by, 0, 1, 2, 3) == expected
            for number in range(4):  # marks run out, so that rows are kept and remembered again
                if await redis.get(f"bird:{number}") == b"":
                    await redis.delete(f"bird:{number}")


async def test_a_read_beside_a_change_sees_before_or_after_and_the_next_one_after(aviary: Aviary) -> None:
    for turn in range(200):
        seen, _ = await asyncio.gather(aviary.seen(0, 1), aviary.rename(1, 1, f"bird {turn}"))
        assert seen[0] in (f"bird {turn - 1}", f"bird {turn}", "egg")
        assert await aviary.seen(0, 1) == [f"bird {turn}"]


class _Wire:
    is_tracing, confirmed_at = True, 0.0


def test_memory_is_bounded_and_what_came_first_goes_first() -> None:
    memory = Memory[UserId, str](limit=4 * 1024)
    for number in range(100):
        memory.hold(UserId(number), "row", Trace(_Wire()), 100)  # type: ignore[arg-type]
    held = memory.recall([UserId(number) for number in range(100)])
    assert list(held) == [UserId(number) for number in range(89, 100)]


def test_neither_large_rows_nor_changed_ones_are_held() -> None:
    memory, changed = Memory[UserId, str](), Trace(_Wire())  # type: ignore[arg-type]
    changed.is_current = False
    memory.hold(UserId(1), "row", changed, 100)
    memory.hold(UserId(2), "row", Trace(_Wire()), 1 << 18)  # type: ignore[arg-type]
    assert memory.recall([UserId(1), UserId(2)]) == {}


def test_rows_are_forgotten_after_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("datastore.cache.local.SECONDS", 0.0)
    memory = Memory[UserId, str]()
    memory.hold(UserId(1), "row", Trace(_Wire()), 100)  # type: ignore[arg-type]
    assert memory.recall([UserId(1)]) == {}
