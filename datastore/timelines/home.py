"""Home timelines in Redis: for each user one unbroken window of the newest item ids, changed by scripts only.

Every change is idempotent and keeps the order. If the user is live, the same script appends it to their event log. A
list may contain items that its reader must not see: rules run at every read. It never lacks an item of its window.
Raises UnavailableError if Redis is not reachable.
"""

from collections.abc import Sequence
from enum import StrEnum
from typing import Any, NamedTuple, cast

from redis.asyncio import Redis

from core.ids import TweetId, UserId, wall_ms
from datastore.records.items import ItemKind
from datastore.redis import keys
from datastore.redis.client import failures_as_unavailable, send_all
from datastore.redis.node.commands import raise_first
from datastore.redis.node.pipeline import CommandPipeline
from datastore.redis.scripts import ParsedReply, PipelinedScript, Script
from datastore.timelines.changes import StreamPosition
from datastore.timelines.event_log import EVENTS_KEPT, LIVE_MS

LIST_TTL_MS = 30 * 24 * 3600 * 1000
_BUILD_MS = 5_000
_ENTERED = "+"


class Direction(StrEnum):
    OLDER = "older"
    NEWER = "newer"


class WindowState(StrEnum):
    """Coverage of a list: all items (COMPLETE), items down to its last id (TRUNCATED), or none."""

    COMPLETE = "complete"
    TRUNCATED = "truncated"
    BUILDING = "building"
    ABSENT = "absent"


class Window(NamedTuple):
    """A slice of a list. `ids` are newest first; `floor` is the oldest id that the list covers, 0 if it is complete.

    `is_joined`: the reader is in the live-follower sets of all their fan-out-on-read followees, so no item is missing.
    """

    ids: list[TweetId]
    state: WindowState
    floor: int
    head: StreamPosition
    is_joined: bool


class RemovalNotice(StrEnum):
    """Event for live readers about a removed item: none, that it left, or to read again.

    RESET: another item has taken its place.
    """

    NOTHING = ""
    LEFT = "left"
    RESET = "reset"


class HomeTimelineStore:
    """`length`: maximal number of ids in each list. `ttl_ms`: for how long one stays after its last reader."""

    def __init__(self, redis: Redis, pipeline: CommandPipeline, length: int, *, ttl_ms: int = LIST_TTL_MS) -> None:
        self.length, self._ttl_ms = length, ttl_ms
        self._read = PipelinedScript(pipeline, "home_read", siblings=keys.siblings, replica_fallback="home_peek")
        self._push = PipelinedScript(pipeline, "home_push", siblings=keys.siblings)
        self._remove = PipelinedScript(pipeline, "home_remove", siblings=keys.siblings)
        self._revise = Script(redis, "home_revise", siblings=keys.siblings)
        self._append = Script(redis, "log_append", siblings=keys.siblings)
        self._merge = PipelinedScript(pipeline, "home_merge", siblings=keys.siblings)
        self._begin = Script(redis, "home_begin")
        self._commit = Script(redis, "home_commit", siblings=keys.siblings)
        self._redis, self._pipeline = redis, pipeline

    def range(
        self, user_id: UserId, count: int, *, start: int | None = None, direction: Direction = Direction.OLDER
    ) -> ParsedReply[Window]:
        """At most `count` ids next to `start` (exclusive), or from the newest. Makes the user live.

        Sends the command at once; await the reply.
        """
        start_id = "" if start is None else str(start)
        home = keys.home(user_id)
        return ParsedReply(self._read([home], direction.value, start_id, count, LIVE_MS, self._ttl_ms), _window)

    async def push(self, user_ids: Sequence[UserId], item_id: int) -> int:
        """Adds an item to the existing lists; returns how many did not have it."""
        homes = [keys.home(user_id) for user_id in user_ids]
        return sum(await self._push.for_each_slot(homes, self.length, item_id, EVENTS_KEPT, wall_ms()))

    async def remove(
        self,
        user_ids: Sequence[UserId],
        items: Sequence[tuple[ItemKind, int]],
        notice: RemovalNotice = RemovalNotice.LEFT,
    ) -> int:
        """Removes items from the lists; returns how many were removed in all."""
        pairs: list[str | int] = [part for kind, item_id in items for part in (kind.value, item_id)]
        homes = [keys.home(user_id) for user_id in user_ids]
        more = (self.length, EVENTS_KEPT, wall_ms(), notice.value)
        return sum(await self._remove.for_each_slot(homes, *more, *pairs))

    async def publish_view_changes(
        self, user_id: UserId, acts: Sequence[int], removed: Sequence[tuple[ItemKind, int]], *, has_added: bool
    ) -> bool:
        """Publishes to a live reader what changes of their viewpoint changed, once for each act, their own first.

        False if one of the acts was published meanwhile: the difference must be computed again.
        """
        pairs: list[str | int] = [part for kind, item_id in removed for part in (kind.value, item_id)]
        home_and_acts = [keys.home(user_id), *[keys.act_published(user_id, act) for act in acts]]
        answer: int = await self._revise(
            home_and_acts, EVENTS_KEPT, LIVE_MS, wall_ms(), "1" if has_added else "", *pairs
        )
        return answer >= 0

    async def publish_item_change(
        self, user_id: UserId, act_id: int, left: tuple[ItemKind, int] | None, entered: int | None
    ) -> None:
        """Publishes to a live reader, once for the act, that one item left their timeline or another one entered it.

        What entered is published if the list has it, for else its push is.
        """
        pairs: list[str | int] = [] if left is None else [left[0].value, left[1]]
        pairs += [] if entered is None else [_ENTERED, entered]
        keys_of_act = [keys.home(user_id), keys.act_published(user_id, act_id)]
        await self._revise(keys_of_act, EVENTS_KEPT, LIVE_MS, wall_ms(), "", *pairs)

    async def publish_edit(self, user_id: UserId, act_id: int, tweet_id: int) -> None:
        """Publishes to the log of a timeline that many share, once, that a tweet was edited: each reader judges it."""
        keys_of_act = [keys.home(user_id), keys.act_published(user_id, act_id)]
        await self._append(keys_of_act, EVENTS_KEPT, LIVE_MS, "edit", tweet_id, "act", act_id, "at", wall_ms())

    async def published_among(self, user_id: UserId, acts: Sequence[int]) -> set[int]:
        """The subset of acts that was published."""
        with failures_as_unavailable():
            found = await send_all(self._redis, [("EXISTS", keys.act_published(user_id, act)) for act in acts])
        return {act for act, is_published in zip(acts, found, strict=True) if is_published}

    async def merge(self, user_id: UserId, ids: Sequence[int]) -> int:
        """Adds older items, given newest first; a live reader is told to read again. How many were new, -1: no list.

        If there are more than `length` of them, pass at least one more: it marks the list as truncated.
        """
        homes = [keys.home(user_id)]
        added: int = await self._merge(homes, self.length, self._ttl_ms, EVENTS_KEPT, wall_ms(), *ids)
        return added

    async def begin_build(self, user_id: UserId, token: str) -> bool:
        """True if the caller must build: there is no list, and no other build is under way."""
        return bool(await self._begin(_build_keys(user_id), token, _BUILD_MS, self._ttl_ms))

    async def commit_build(self, user_id: UserId, token: str, ids: Sequence[int], *, complete: bool) -> bool:
        """Ends the build. `ids` newest first; `complete`: there are no older ones. False if it was superseded."""
        sentinel = "0" if complete else ""
        limits = (self.length, self._ttl_ms, EVENTS_KEPT, wall_ms())
        return bool(await self._commit(_build_keys(user_id), token, *limits, sentinel, *ids))

    async def ids(self, user_id: UserId) -> list[int]:
        """The whole list, newest first; empty if there is none. Does not make the user live."""
        with failures_as_unavailable():
            found: list[Any] = await self._redis.lrange(keys.home(user_id), 0, -1)
        return [item_id for item_id in map(int, found) if item_id > 0]

    async def drop(self, *user_ids: UserId) -> None:
        """Deletes the lists, and supersedes builds under way."""
        with failures_as_unavailable():
            await self._redis.delete(*[key for user_id in user_ids for key in _build_keys(user_id)])

    async def exists(self, user_id: UserId) -> bool:
        """Whether the user has a list, or one is being built."""
        with failures_as_unavailable():
            return bool(raise_first(await self._pipeline.submit([("EXISTS", keys.home(user_id))]))[0])

    async def existing_among(self, user_ids: Sequence[UserId]) -> list[UserId]:
        """The subset of users who have a list, or whose list is being built."""
        with failures_as_unavailable():
            found = await send_all(self._redis, [("EXISTS", keys.home(user_id)) for user_id in user_ids])
        return [user_id for user_id, is_there in zip(user_ids, found, strict=True) if is_there]


def _build_keys(user_id: UserId) -> list[str]:
    return [keys.home(user_id), keys.rebuild_token(user_id)]


def _window(reply: Sequence[Any]) -> Window:
    ids, tail, epoch, offset, stamp, joined = reply
    state, floor = _state_of(tail)
    head = StreamPosition(int(epoch), int(offset), int(stamp))
    return Window(cast("list[TweetId]", list(map(int, ids))), state, floor, head, bool(joined))


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
