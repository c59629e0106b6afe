"""Notifications of acts whose document is their own outbox, hundreds in one transaction.

The field `untold` of an act's document, or of its document of `undone_acts`, is the idempotency token: it goes with the
transaction that makes the notifications, which therefore changes several documents. A job that finds no token has
nothing to do, so it may run twice, and beside the undoing of its act, in any order.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from operator import attrgetter
from typing import Any

from core.errors import UnavailableError
from core.ids import SnowflakeMaker, UserId
from datastore.jobs.act_outbox import token_collection
from datastore.jobs.acts import ActKind
from datastore.jobs.jobs import Notify
from datastore.mongo.acts import UNDONE
from datastore.mongo.client import Document, Mongo, away_as_unavailable
from datastore.notifications.act_batch import ActBatch, lock_notifications
from datastore.notifications.equal_texts import EqualTexts
from datastore.notifications.reader import ACTS
from datastore.notifications.recipients import Telling, recipients_of
from datastore.timelines.changes import UnpublishedChange
from datastore.users.voices import Voices

_REFERENCES: Document = {"reply_to_author": 1, "quoted": 1, "mentioned": 1, "text": 1, "conversation": 1}
_FIELDS: Mapping[str, Document] = {
    "likes": {"user": 1, "target": 1},
    "follows": {"follower": 1, "followee": 1, "is_accepted": 1},
    "tweets": {"author": 1, "retweet_of": 1, "retweet_of_author": 1, "edit": 1, **_REFERENCES},
    UNDONE: {"act": 1},
}
_ATTEMPTS = 10
_SHARDED_BY: Mapping[str, str] = {"likes": "user", "follows": "followee", "tweets": "author", UNDONE: "user"}


class _EditedError(Exception):
    """A tweet has another version than the one that was looked at."""


class ActNotificationWriter:
    def __init__(self, mongo: Mongo, ids: SnowflakeMaker, voices: Voices) -> None:
        self._mongo, self._ids, self._voices = mongo, ids, voices
        self._acts = mongo.collection(ACTS)

    async def apply(self, jobs: Sequence[Notify]) -> list[UnpublishedChange]:
        """Runs the jobs, for all of which `is_own_outbox`. Returns the changes to publish, in order for each user."""
        with away_as_unavailable():
            for _ in range(_ATTEMPTS):
                with suppress(_EditedError):
                    return await self._apply(jobs)
        raise UnavailableError("The database")

    async def _apply(self, jobs: Sequence[Notify]) -> list[UnpublishedChange]:
        """Raises _EditedError, and changes nothing, if a tweet was edited while its recipients were looked up."""
        tokens = _tokens(jobs)
        rows = await self._waiting(tokens, None)
        if not any(rows.values()):
            return []
        told = await self._tellings(jobs, rows)
        undone = [row["act"] for row in rows[UNDONE]]
        notified = await self._acts.distinct("user", {"act": {"$in": undone}}) if undone else []
        changes = Counter[UserId](one.recipient.user_id for one in told)
        changes.update(UserId(user_id) for user_id in notified)

        async def act(session: Any) -> list[UnpublishedChange]:
            states = await lock_notifications(self._mongo, session, changes)
            waiting = await self._waiting(tokens, session)
            if not _versions(waiting).items() <= _versions(rows).items():
                raise _EditedError
            texts = EqualTexts(self._mongo, session, self._voices)
            return await ActBatch(self._mongo, self._ids, session, states, texts).run(told, waiting)

        async with self._mongo.batch_turns.over(*(name for name, some in rows.items() if some)):
            return await self._mongo.in_transaction(act, changing=sorted(changes))

    async def users_of(self, jobs: Sequence[Notify]) -> set[UserId]:
        """Users whose notifications the jobs may have changed, if another worker ran them."""
        targets = [job.target for job in jobs if job.kind in (ActKind.LIKE, ActKind.RETWEET)]
        followees = [job.target for job in jobs if job.kind is ActKind.FOLLOW]
        with away_as_unavailable():
            found = await self._acts.distinct("user", {"act": {"$in": [job.act_id for job in jobs]}})
            authors = await self._mongo.collection("tweets").distinct("author", {"_id": {"$in": targets}})
        return {UserId(user_id) for user_id in (*found, *authors, *followees)}

    async def _waiting(self, tokens: Mapping[str, Sequence[Notify]], session: Any) -> dict[str, list[Document]]:
        """Documents that still have their token, by collection."""
        found: dict[str, list[Document]] = {name: [] for name in _FIELDS}
        for name, jobs in tokens.items():
            of_job = attrgetter("target" if name == "follows" else "actor_id")
            query = {
                "_id": {"$in": [job.act_id for job in jobs]},
                _SHARDED_BY[name]: {"$in": list(set(map(of_job, jobs)))},
                "untold": {"$gt": 0},
            }
            rows = self._mongo.collection(name).find(query, _FIELDS[name], session=session)
            found[name] = [row async for row in rows]
        return found

    async def _tellings(self, jobs: Sequence[Notify], rows: Mapping[str, Sequence[Document]]) -> list[Telling]:
        """Oldest act first, so that groups grow in the order of the acts."""
        waiting = {row["_id"]: row for name, some in rows.items() if name != UNDONE for row in some}
        done = {job.act_id: job for job in jobs if not job.is_undone and job.act_id in waiting}
        acts = [(job, waiting[act_id]) for act_id, job in sorted(done.items())]
        return [
            Telling(job.act_id, one.actor or job.actor_id, one)
            for job, recipients in await recipients_of(self._mongo, acts)
            for one in recipients
        ]


def _versions(rows: Mapping[str, Sequence[Document]]) -> dict[int, int | None]:
    """The newest edit of each tweet."""
    return {row["_id"]: row.get("edit") for row in rows["tweets"]}


def _tokens(jobs: Sequence[Notify]) -> dict[str, list[Notify]]:
    """The jobs by the collection of the documents with their tokens."""
    tokens: dict[str, list[Notify]] = {}
    for job in jobs:
        if (collection := token_collection(job)) is not None:
            tokens.setdefault(collection, []).append(job)
    return tokens
