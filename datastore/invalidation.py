"""Invalidation of cached rows by jobs: what an act changed is forgotten, though its process died or Redis refused.

The job of an act forgets the rows again, and is not finished before Redis took that. As long as such a job is late,
API processes read its rows from MongoDB (`LateInvalidations`): no change of who may see what, and no end of a session,
waits for Redis.
"""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any, TypeAlias

import structlog

from core.errors import UnavailableError
from core.runtime.tasks import not_cancelled
from datastore.cache.rows import RowCache
from datastore.jobs.acts import ActKind
from datastore.jobs.jobs import (
    AcceptFollowRequests,
    ApplyDecision,
    DeleteAccount,
    EndAccessTokens,
    EndSessions,
    ForgetProfile,
    Job,
    Merge,
    MergeTag,
    Notify,
    PublishEdit,
    PublishProtection,
    PublishViewChange,
    Retract,
    Unmerge,
)
from datastore.redis import keys
from datastore.redis.client import failures_as_unavailable
from datastore.stores import Stores

CHECK_SECONDS = 2.0
# In calm times a job takes less.
_LATE_MS = 1_000
_MOST_JOBS = 10_000
_FIRST_SECONDS = 1.0
_log = structlog.get_logger()
Rows: TypeAlias = tuple[RowCache[Any, Any], Sequence[int]]


def rows_changed_by(stores: Stores, job: Job) -> list[Rows]:
    """Caches with the ids of the rows that the act of this job changed, but for counts, which expire soon.

    Follows, likes and retweets are left to `forget_rows` and the retraction: they are late for the acting user alone.
    """
    users, tweets = stores.users, stores.tweets
    changed: list[Rows] = []
    match job:
        case MergeTag(follower_id=reader) | PublishViewChange(user_id=reader):
            changed = [(users.viewpoints.rows, [reader])]
        case (
            PublishProtection(user_id=user)
            | AcceptFollowRequests(user_id=user)
            | ForgetProfile(user_id=user)
            | ApplyDecision(person_id=user, tweet_id=None)
        ):
            changed = [(users.accounts.rows, [user])]
        case DeleteAccount(user_id=user):
            changed = [(users.accounts.rows, [user]), (users.viewpoints.rows, [user])]
        case EndSessions(session_ids=ended):
            changed = [(users.sessions.rows, ended)]
        case EndAccessTokens(token_ids=revoked):
            changed = [(users.access_tokens.rows, revoked)]
        case Retract(item_id=item) | ApplyDecision(tweet_id=int(item)) | PublishEdit(item_id=item):
            changed = [(tweets.items.rows, [item])]
        case _:
            pass
    return changed


async def forget_rows(stores: Stores, job: Job) -> None:
    """Makes Redis forget the rows that the act changed. Raises UnavailableError unless it took that."""
    with failures_as_unavailable():
        match job:
            case Merge() | Unmerge():
                await stores.users.viewpoints.forget_follow(job)
            case Notify(kind=ActKind.LIKE | ActKind.RETWEET):
                await stores.tweets.viewer_state.forget_interaction(job)
        for rows, ids in rows_changed_by(stores, job):
            await rows.forget(*ids)


class LateInvalidations:
    """`on_end` is called with the channel of each session, and of each scoped token, whose end is late."""

    def __init__(self, stores: Stores, on_end: Callable[[str], None]) -> None:
        self._stores, self._on_end = stores, on_end
        self._distrusted: dict[RowCache[Any, Any], set[int]] = {}

    async def refresh(self) -> None:
        """Raises UnavailableError if MongoDB is away; rows that are read from there stay the same then."""
        late = await self._stores.jobs.outbox.late_entries(_LATE_MS, _MOST_JOBS)
        before, self._distrusted = self._distrusted, _by_cache(self._stores, late)
        for rows in before.keys() | self._distrusted.keys():
            rows.distrust(self._distrusted.get(rows, ()))
        for channel in _channels_of(late):
            self._on_end(channel)

    async def run(self) -> None:
        """Refreshes until cancelled."""
        while not_cancelled():
            try:
                await self.refresh()
            except UnavailableError as error:
                _log.warning("late invalidations not looked for", error=repr(error))
            except Exception:  # noqa: BLE001 - otherwise the process would trust the cache for ever
                _log.exception("late invalidations not looked for")
            await asyncio.sleep(CHECK_SECONDS)


@asynccontextmanager
async def watch_late_invalidations(stores: Stores, on_end: Callable[[str], None]) -> AsyncIterator[None]:
    """Refreshes in the background during the context, and once before it unless MongoDB is away."""
    late = LateInvalidations(stores, on_end)
    with suppress(UnavailableError, TimeoutError):
        async with asyncio.timeout(_FIRST_SECONDS):
            await late.refresh()
    watching = asyncio.create_task(late.run(), name="late invalidations")
    try:
        yield
    finally:
        watching.cancel()
        with suppress(asyncio.CancelledError):
            await watching


def _channels_of(jobs: Iterable[Job]) -> Iterator[str]:
    for job in jobs:
        match job:
            case EndSessions(session_ids=ended):
                yield from map(keys.session_channel, ended)
            case EndAccessTokens(token_ids=revoked):
                yield from map(keys.access_token_channel, revoked)


def _by_cache(stores: Stores, jobs: Sequence[Job]) -> dict[RowCache[Any, Any], set[int]]:
    found = defaultdict[RowCache[Any, Any], set[int]](set)
    for job in jobs:
        for rows, ids in rows_changed_by(stores, job):
            found[rows].update(ids)
    return found
