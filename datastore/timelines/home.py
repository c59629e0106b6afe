"""Home timelines in Redis: for each person one unbroken window of the newest item ids, changed by scripts alone.

Every change is idempotent and keeps the order; where somebody is live, the same script appends it to their event log.
A list may hold items that its reader must not see: rules run at every read. It never lacks one of its window.
Raises UnavailableError where Redis is away.
"""

from collections.abc import Sequence
from enum import StrEnum
from typing import Any, NamedTuple

from redis.asyncio import Redis

from core.ids import TweetId, UserId, wall_ms
from datastore.records.items import ItemKind
from datastore.redis import keys
from datastore.redis.client import failures_as_unavailable, send_all
from datastore.redis.node.commands import raise_first
from datastore.redis.node.pipeline import CommandPipeline
from datastore.redis.scripts import ParsedReply, PipelinedScript, Script
from datastore.timelines.event_log import EVENTS_KEPT, LIVE_MS, LogPlace

LIST_TTL_MS = 30 * 24 * 3600 * 1000
_BUILD_MS = 5_000


class Direction(StrEnum):
    OLDER = "older"
    NEWER = "newer"


class WindowState(StrEnum):
    """Whether the list answers: whole to the first item there is, down to its last id only, or not at all."""

    COMPLETE = "complete"
    TRUNCATED = "truncated"
    BUILDING = "building"
    ABSENT = "absent"


class Window(NamedTuple):
    """A slice of a list. `ids` are newest first; `floor` is the oldest id of the list, below which it knows nothing.

    `is_joined`: the reader is in the audiences of all whom they follow, so that nothing has passed the list by.
    """

    ids: list[TweetId]
    state: WindowState
    floor: int
    head: LogPlace
    is_joined: bool


class Telling(StrEnum):
    """What those who are live are told of an item that is taken out: nothing, or that it left.

    RESET: something else stands in its place since.
    """

    NOTHING = ""
    LEFT = "left"
    RESET = "reset"


class TimelineStore:
    """`length`: ids kept for each person."""

    def __init__(self, redis: Redis, pipeline: CommandPipeline, length: int) -> None:
        self.length = length
        self._read = PipelinedScript(pipeline, "home_read", siblings=keys.siblings, replica_fallback="home_peek")
        self._push = PipelinedScript(pipeline, "home_push", siblings=keys.siblings)
        self._remove = PipelinedScript(pipeline, "home_remove", siblings=keys.siblings)
        self._revise = Script(redis, "home_revise", siblings=keys.siblings)
        self._merge = Script(redis, "home_merge", siblings=keys.siblings)
        self._begin = Script(redis, "home_begin")
        self._commit = Script(redis, "home_commit", siblings=keys.siblings)
        self._redis, self._pipeline = redis, pipeline

    def range(
        self, user_id: UserId, count: int, *, start: int | None = None, direction: Direction = Direction.OLDER
    ) -> ParsedReply[Window]:
        """At most `count` ids next to `start` (itself left out), or from the head. Makes the person live.

        Asked for at once, to be awaited.
        """
        place_of_start = "" if start is None else str(start)
        home = keys.home(user_id)
        return ParsedReply(self._read([home], direction.value, place_of_start, count, LIVE_MS, LIST_TTL_MS), _window)

    async def push(self, user_ids: Sequence[UserId], item_id: int) -> int:
        """Puts an item into the lists that are there. Into how many; 0 if it is in all of them already."""
        homes = [keys.home(user_id) for user_id in user_ids]
        return sum(await self._push.for_each_slot(homes, self.length, item_id, EVENTS_KEPT, wall_ms()))

    async def remove(
        self, user_ids: Sequence[UserId], items: Sequence[tuple[ItemKind, int]], telling: Telling = Telling.LEFT
    ) -> int:
        """Takes items out of lists. How many there were in all."""
        pairs: list[str | int] = [part for kind, item_id in items for part in (kind.value, item_id)]
        homes = [keys.home(user_id) for user_id in user_ids]
        more = (self.length, EVENTS_KEPT, wall_ms(), telling.value)
        return sum(await self._remove.for_each_slot(homes, *more, *pairs))

    async def revise(
        self, user_id: UserId, acts: Sequence[int], gone: Sequence[tuple[ItemKind, int]], *, has_come: bool
    ) -> bool:
        """Tells somebody live what acts on their viewpoint changed, once for each act, their own first.

        False where another of the acts was told meanwhile: the rest must be found out again.
        """
        pairs: list[str | int] = [part for kind, item_id in gone for part in (kind.value, item_id)]
        told = [keys.home(user_id), *[keys.revised(user_id, act) for act in acts]]
        answer: int = await self._revise(told, EVENTS_KEPT, LIVE_MS, wall_ms(), "1" if has_come else "", *pairs)
        return answer >= 0

    async def revised_among(self, user_id: UserId, acts: Sequence[int]) -> set[int]:
        """Those of the acts that were told."""
        with failures_as_unavailable():
            found = await send_all(self._redis, [("EXISTS", keys.revised(user_id, act)) for act in acts])
        return {act for act, is_told in zip(acts, found, strict=True) if is_told}

    async def merge(self, user_id: UserId, ids: Sequence[int]) -> int:
        """Puts in items of the past, newest first; who is live is told to read again. How many are new, -1: no list.

        Where there are more than `length` of them, one too many must be given: it tells the list that it has no end.
        """
        homes = [keys.home(user_id)]
        added: int = await self._merge(homes, self.length, LIST_TTL_MS, EVENTS_KEPT, wall_ms(), *ids)
        return added

    async def begin_build(self, user_id: UserId, token: str) -> bool:
        """Whether the caller is to rebuild: there is no list, and nobody else is at it."""
        return bool(await self._begin(_build_keys(user_id), token, _BUILD_MS, LIST_TTL_MS))

    async def commit_build(self, user_id: UserId, token: str, ids: Sequence[int], *, complete: bool) -> bool:
        """Ends the rebuild. `ids` newest first; `complete`: there are no older ones. False where it was superseded."""
        sentinel = "0" if complete else ""
        limits = (self.length, LIST_TTL_MS, EVENTS_KEPT, wall_ms())
        return bool(await self._commit(_build_keys(user_id), token, *limits, sentinel, *ids))

    async def ids(self, user_id: UserId) -> list[int]:
        """The whole list, newest first, empty where there is none. Reading it so makes nobody live."""
        with failures_as_unavailable():
            found: list[Any] = await self._redis.lrange(keys.home(user_id), 0, -1)
        return [item_id for item_id in map(int, found) if item_id > 0]

    async def drop(self, *user_ids: UserId) -> None:
        """Supersedes rebuilds under way, too."""
        with failures_as_unavailable():
            await self._redis.delete(*[key for user_id in user_ids for key in _build_keys(user_id)])

    async def is_present(self, user_id: UserId) -> bool:
        """Whether the person has a list, be it one under way."""
        with failures_as_unavailable():
            return bool(raise_first(await self._pipeline.submit([("EXISTS", keys.home(user_id))]))[0])

    async def present(self, user_ids: Sequence[UserId]) -> list[UserId]:
        """Those of them who have a list."""
        with failures_as_unavailable():
            found = await send_all(self._redis, [("EXISTS", keys.home(user_id)) for user_id in user_ids])
        return [user_id for user_id, is_there in zip(user_ids, found, strict=True) if is_there]


def _build_keys(user_id: UserId) -> list[str]:
    return [keys.home(user_id), keys.build(user_id)]


def _window(reply: Sequence[Any]) -> Window:
    ids, tail, epoch, place, stamp, joined = reply
    state, floor = _state_of(tail)
    head = LogPlace(int(epoch), int(place), int(stamp))
    return Window([TweetId(int(id_)) for id_ in ids], state, floor, head, bool(joined))


def _state_of(tail: bytes | None) -> tuple[WindowState, int]:
    match tail:
        case None:
            return WindowState.ABSENT, 0
        case b"-1":
            return WindowState.BUILDING, 0
        case b"0":
            return WindowState.COMPLETE, 0
        case _:
            return WindowState.TRUNCATED, int(tail)
