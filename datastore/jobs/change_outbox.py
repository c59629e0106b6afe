"""Unfinished jobs by what their acts changed: an item, the items of a person, a person."""

from collections.abc import Iterable, Sequence
from operator import itemgetter
from typing import Any, TypeAlias

from core.ids import TweetId, UserId
from datastore.jobs.jobs import ApplyDecision, Job, PublishEdit, PublishProtection, Retract, unpack
from datastore.mongo.client import Document, away_as_unavailable
from datastore.records.items import ItemRecord, RetweetRecord

ItemChange: TypeAlias = Retract | PublishEdit | ApplyDecision
PersonChange: TypeAlias = ApplyDecision | PublishProtection


def fields_of_change(job: Job, was: ItemRecord | None) -> Document:
    """Fields of the job's entry by which it is found here; `was` is the item that the act deleted or edited."""
    match job:
        case Retract():
            owners = {job.author_id, was.tweet_author_id if isinstance(was, RetweetRecord) else job.author_id}
            of = {} if job.with_tweet else {"owners": sorted(owners)}
            return {"author": job.author_id, "subject": job.item_id, **of}
        case PublishEdit():
            return {"subject": job.item_id, "owners": [job.author_id]}
        case ApplyDecision(tweet_id=int(tweet_id)):
            return {"subject": tweet_id, "owners": [job.person_id]}
        case ApplyDecision(person_id=person) | PublishProtection(user_id=person):
            return {"person": person}
        case _:
            return {}


class ChangeOutbox:
    """Each answer is in the order of the acts, oldest first."""

    def __init__(self, entries: Any) -> None:
        self._entries = entries

    async def retractions_of(self, author: UserId) -> list[Retract]:
        """Retractions of this author's tweets and retweets."""
        return [job for job in await self._jobs({"author": author}) if isinstance(job, Retract)]

    async def about(self, item_ids: Sequence[int]) -> list[ItemChange]:
        """Deletions, edits and decisions about these items."""
        jobs = await self._jobs({"subject": {"$in": list(item_ids)}})
        return [job for job in jobs if isinstance(job, ItemChange)]

    async def decisions_about(self, tweet_id: TweetId) -> list[ApplyDecision]:
        return [job for job in await self._jobs({"subject": tweet_id}) if isinstance(job, ApplyDecision)]

    async def about_items_of(self, person: UserId, before: int) -> list[ItemChange]:
        """Acts before the act `before` on tweets of the person, and on retweets by them and of their tweets."""
        jobs = await self._jobs({"owners": person, "_id": {"$lt": before}})
        return [job for job in jobs if isinstance(job, ItemChange)]

    async def about_people(self) -> list[PersonChange]:
        """Changes of all people: decisions, and changes of protection."""
        with away_as_unavailable():
            rows = [row async for row in self._entries.find({"person": {"$gt": 0}}, {"job": 1})]
        return [job for job in _jobs_of(sorted(rows, key=itemgetter("_id"))) if isinstance(job, PersonChange)]

    async def _jobs(self, query: Document) -> list[Job]:
        with away_as_unavailable():
            return _jobs_of([row async for row in self._entries.find(query, {"job": 1}).sort("_id", 1)])


def _jobs_of(rows: Iterable[Document]) -> list[Job]:
    return [job for row in rows if (job := unpack(row["job"])) is not None]
