"""Whether anything is left to be done, by one question: tests ask it many times each."""

from collections.abc import AsyncIterator, Mapping
from typing import Any

from datastore.counts.increments import TWEET_COUNTERS, USER_COUNTERS
from datastore.counts.pending import CountStore
from datastore.jobs.jobs import unpack
from datastore.jobs.outbox import Outbox
from datastore.jobs.routing import (
    ACCOUNTS,
    FANOUT,
    MAIL,
    MEDIA,
    MODERATION,
    NOTIFICATIONS,
    PUSH,
    TIMELINES,
    WIDE_FANOUT,
)
from datastore.mongo.client import away_as_unavailable
from datastore.redis import job_keys
from datastore.redis.client import send_all
from datastore.stores import Stores

_QUEUES = (FANOUT, WIDE_FANOUT, TIMELINES, NOTIFICATIONS, ACCOUNTS, MAIL, MEDIA, MODERATION, PUSH)
# An age that includes every unfinished act.
_NEWEST_TOO = -1_000


async def are_queues_empty(stores: Stores) -> bool:
    """Whether no job waits or runs. Those of counts may keep entries of dead workers."""
    return not any(await send_all(stores.jobs.redis, [("XLEN", job_keys.jobs(name)) for name in _QUEUES]))


async def is_nothing_unfinished(stores: Stores) -> bool:
    """Whether MongoDB has no act of which something is to be counted, or a job to be done.

    The stores' own questions, twenty, are noted and asked as one. Entries that no worker can read, which the stores
    pass over, are left to the stores themselves. Raises UnavailableError.
    """
    noted = _Noted()
    for spec in (TWEET_COUNTERS, USER_COUNTERS):
        await CountStore(noted, None, None, spec).is_empty()  # type: ignore[arg-type]
    await Outbox(noted).unfinished(_NEWEST_TOO, limit=1)  # type: ignore[arg-type]
    (first, some), *others = noted.questions
    unions = [{"$unionWith": {"coll": name, "pipeline": _one_of(query)}} for name, query in others]
    with away_as_unavailable():
        found = await stores.mongo.aggregate(first, [*_one_of(some), *unions, {"$limit": 1}])
    if found and "job" in found[0] and unpack(found[0]["job"]) is None:
        return await _as_the_stores_say(stores)
    return not found


async def _as_the_stores_say(stores: Stores) -> bool:
    counts = (stores.tweets.pending_counts, stores.users.pending_counts)
    return all([await one.is_empty() for one in counts]) and not await stores.jobs.outbox.unfinished(_NEWEST_TOO, 1)


def _one_of(query: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [{"$match": query}, {"$limit": 1}, {"$project": {"_id": 1, "job": 1}}]


class _Noted:
    """Stands for a database in which nothing is found; `questions` are collections and filters."""

    def __init__(self) -> None:
        self.questions: list[tuple[str, Mapping[str, Any]]] = []

    def collection(self, name: str) -> "_Empty":
        return _Empty(name, self.questions)


class _Empty:
    """A collection, and each cursor over it."""

    def __init__(self, name: str, questions: list[tuple[str, Mapping[str, Any]]]) -> None:
        self._name, self._questions = name, questions

    def find(self, query: Mapping[str, Any], *_: object) -> "_Empty":
        self._questions.append((self._name, query))
        return self

    async def find_one(self, query: Mapping[str, Any], *_: object) -> None:
        self.find(query)

    def sort(self, *_: object) -> "_Empty":
        return self

    hint = limit = sort

    async def __aiter__(self) -> AsyncIterator[Any]:
        rows: tuple[Any, ...] = ()
        for row in rows:
            yield row
