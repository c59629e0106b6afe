"""Bulk import of a social graph and past tweets. Idempotent: repeating an interrupted import completes it.

Existing rows are recognized: people by handle, tweets by author, instant and text, follows by the pair. Ids depend on
the files alone, so an interrupted import ends with the same ids as an uninterrupted one.
"""

import secrets
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractContextManager
from typing import Final, NamedTuple, Protocol, TypeAlias, TypeVar

import pymongo

from core.auth.passwords import hash_password
from core.ids import TweetId, UserId, first_id_of, ms_of
from core.runtime.tasks import for_each
from core.text.entities import extract_entities
from core.text.text import handle_key
from datastore.admin.errors import CommandError
from datastore.admin.importer.corpus import Corpus, SourcePerson
from datastore.admin.importer.sentiment140 import SourceTweet
from datastore.counts.recount import recount
from datastore.mongo.bulk import CHUNK, chunked, ids_at, insert_new
from datastore.mongo.client import Document, away_as_unavailable
from datastore.rebuild import rebuild_timelines
from datastore.records.items import TweetRecord, to_record
from datastore.records.users import AccountRecord, UserRecord
from datastore.records.users import to_document as account_document
from datastore.stores import Stores
from datastore.tweets.factory import build_tweet, mentioned_keys
from datastore.tweets.factory import to_document as tweet_document

T = TypeVar("T")
_Numbered: TypeAlias = tuple[TweetId, SourceTweet]
_Identity: TypeAlias = tuple[int, UserId, str]

# RFC 2606 reserves the domain, so no mail is delivered.
MAIL_DOMAIN: Final = "imported.invalid"
_CHUNK_SECONDS: Final = 60.0
_AT_ONCE: Final = 2


class Progress(Protocol):
    """Shows the progress of a phase of `total` items; the context is a function to call with each step's size."""

    def __call__(self, phase: str, total: int, /) -> AbstractContextManager[Callable[[int], object]]: ...


class PhaseReport(NamedTuple):
    """`new` counts rows that did not exist before; None where the phase does not know."""

    phase: str
    total: int
    new: int | None
    seconds: float


class HandleBlockedError(CommandError):
    """An account can't be made: its handle is being deleted, or its made-up email address is in use."""


class Importer:
    """`reports` has an entry for each finished phase."""

    def __init__(self, stores: Stores, progress: Progress) -> None:
        self._stores, self._progress = stores, progress
        self._ids: dict[str, UserId] = {}
        self._tags: set[str] = set()
        self.reports: list[PhaseReport] = []

    async def run(self, corpus: Corpus, password: str | None) -> None:
        """`password` becomes that of all imported people; without one no imported account can sign in.

        Raises HandleBlockedError, UnavailableError, or a group of them; the import can be repeated then.
        """
        await self._import_people(corpus, password)
        await self._import_tweets(corpus)
        await self._import_follows(corpus)
        people = list(self._ids.values())
        await self._phase("counts", people, self._count)
        await self._import_timelines(people)

    async def _import_people(self, corpus: Corpus, password: str | None) -> None:
        password_hash = hash_password(password or secrets.token_urlsafe())
        ids = ids_at(person.joined_ms for person in corpus.people.values())
        accounts = [
            _account(UserId(user_id), person, password_hash)
            for user_id, person in zip(ids, corpus.people.values(), strict=True)
        ]

        async def store(chunk: Sequence[AccountRecord]) -> int:
            new = await self._insert_people(chunk)
            if password is not None:
                await self._set_passwords(chunk)
            return new

        await self._phase("people", accounts, store)

    async def _insert_people(self, chunk: Sequence[AccountRecord]) -> int:
        users = self._stores.mongo.collection("users")
        accounts = {handle_key(account.user.handle): account for account in chunk}
        known = await self._stores.users.accounts.ids_by_handle(list(accounts))
        fresh = [account_document(account) for key, account in accounts.items() if key not in known]
        new = await insert_new(users, fresh)
        if fresh:
            known = await self._stores.users.accounts.ids_by_handle(list(accounts))
        if missing := accounts.keys() - known.keys():
            raise HandleBlockedError(f"accounts that can't be made at the moment: {', '.join(sorted(missing)[:10])}")
        self._ids |= known
        return new

    async def _set_passwords(self, chunk: Sequence[AccountRecord]) -> None:
        """Changes accounts of earlier imports too, never those of people who registered."""
        addresses = [account.email for account in chunk]
        change = {"$set": {"password_hash": chunk[0].password_hash}}
        with away_as_unavailable():
            await self._stores.mongo.collection("users").update_many({"email_key": {"$in": addresses}}, change)

    async def _import_tweets(self, corpus: Corpus) -> None:
        ids = map(TweetId, ids_at(tweet.ms for tweet in corpus.tweets))
        await self._phase("tweets", list(zip(ids, corpus.tweets, strict=True)), self._insert_tweets)

    async def _insert_tweets(self, chunk: Sequence[_Numbered]) -> int:
        composed = await self._compose(chunk)
        self._tags.update(tag for tweet in composed for tag in tweet.tags)
        known = await self._known_tweets(composed)
        fresh = [tweet_document(tweet) for tweet in composed if _identity(tweet) not in known]
        return await insert_new(self._stores.mongo.collection("tweets"), fresh, ("_id", "conversation"))

    async def _compose(self, chunk: Sequence[_Numbered]) -> list[TweetRecord]:
        entities = [extract_entities(tweet.text) for _, tweet in chunk]
        mentioned = {key for some in entities for key in mentioned_keys(some)}
        people = await self._stores.users.accounts.ids_by_handle(list(mentioned))
        return [
            build_tweet(tweet_id, self._ids[handle_key(tweet.handle)], tweet.text, entities=some, mentioned_ids=people)
            for (tweet_id, tweet), some in zip(chunk, entities, strict=True)
        ]

    async def _known_tweets(self, tweets: Sequence[TweetRecord]) -> set[_Identity]:
        """Stored tweets of the same authors between the first and the last instant of these tweets."""
        first_ms, last_ms = ms_of(tweets[0].id), ms_of(tweets[-1].id)
        query = {
            "author": {"$in": list({tweet.author_id for tweet in tweets})},
            "_id": {"$gte": first_id_of(first_ms), "$lt": first_id_of(last_ms + 1)},
            "retweet_of": None,
        }
        with away_as_unavailable():
            found = self._stores.mongo.collection("tweets").find(query)
            return {_identity(tweet) async for row in found if isinstance(tweet := to_record(row), TweetRecord)}

    async def _import_follows(self, corpus: Corpus) -> None:
        """Follow ids are in the order of the file and later than the last person's joining."""
        began = max((person.joined_ms for person in corpus.people.values()), default=0)
        acts = ids_at([began] * len(corpus.follows))
        rows = [
            {"_id": act_id, "follower": self._ids[follow.follower], "followee": self._ids[follow.followee]}
            for act_id, follow in zip(acts, corpus.follows, strict=True)
        ]
        rows.sort(key=_pair)  # neighbours in the index of pairs are looked up and inserted together
        await self._phase("follows", rows, self._insert_follows)

    async def _insert_follows(self, chunk: Sequence[Document]) -> int:
        follows = self._stores.mongo.collection("follows")
        query = {side: {"$in": list({row[side] for row in chunk})} for side in ("follower", "followee")}
        with away_as_unavailable():
            found = follows.find(query, {"follower": 1, "followee": 1, "_id": 0})
            known = {_pair(row) async for row in found}
        return await insert_new(follows, [row for row in chunk if _pair(row) not in known])

    async def _count(self, people: Sequence[UserId]) -> None:
        await recount(self._stores.mongo, people)
        await self._stores.users.counts.invalidate(*people)
        await self._stores.users.viewpoints.invalidate(*people)

    async def _import_timelines(self, people: Sequence[UserId]) -> None:
        """Rebuilds the lists of followers of imported people and hashtags, and those that imported people have."""
        readers: set[UserId] = set()
        for chunk in chunked(people):
            readers.update(await self._stores.users.follows.followers_of(chunk))
            readers.update(await self._stores.timelines.home.existing_among(chunk))
        for tags in chunked(sorted(self._tags)):
            async for page in self._stores.trends.hashtags.follower_pages(tags, CHUNK):
                readers.update(page)
        began = time.perf_counter()
        with self._progress("timelines", len(readers)) as advance:
            await rebuild_timelines(self._stores, sorted(readers), advance)
        self._report("timelines", len(readers), None, began)

    async def _phase(self, phase: str, things: Sequence[T], act: Callable[[list[T]], Awaitable[int | None]]) -> None:
        """Calls `act` with chunks of `things`; it returns how many of a chunk were new, or None."""
        new: list[int | None] = []
        began = time.perf_counter()

        async def advance_by(chunk: list[T]) -> None:
            with pymongo.timeout(_CHUNK_SECONDS):
                new.append(await act(chunk))
            advance(len(chunk))

        with self._progress(phase, len(things)) as advance:
            await for_each(chunked(things), advance_by, at_once=_AT_ONCE)
        self._report(phase, len(things), None if None in new else sum(filter(None, new)), began)

    def _report(self, phase: str, total: int, new: int | None, began: float) -> None:
        self.reports.append(PhaseReport(phase, total, new, time.perf_counter() - began))


def _account(user_id: UserId, person: SourcePerson, password_hash: str) -> AccountRecord:
    address = f"{handle_key(person.handle)}@{MAIL_DOMAIN}"
    return AccountRecord(UserRecord(user_id, person.handle, person.handle), address, password_hash)


def _identity(tweet: TweetRecord) -> _Identity:
    return ms_of(tweet.id), tweet.author_id, tweet.text


def _pair(row: Document) -> tuple[int, int]:
    return row["follower"], row["followee"]
