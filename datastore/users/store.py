"""People: the public profile, cached, and the account behind it, which only its owner sees."""

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from typing import Any

from pymongo.errors import DuplicateKeyError

from core.errors import UnavailableError
from core.ids import UserId
from core.text.name_prefixes import name_words, prefixes
from core.text.text import email_key, handle_key
from datastore.cache.rows import STALE_SECONDS, PendingRead, RowCache
from datastore.counts.pending import USER_COUNTERS, with_pending
from datastore.jobs.jobs import (
    AcceptFollowRequests,
    DeleteAccount,
    PublishProtection,
    PublishViewChange,
    ViewChange,
    ViewChangeKind,
)
from datastore.jobs.outbox import Outbox
from datastore.mongo.bulk import chunked
from datastore.mongo.client import Document, Mongo, away_as_unavailable, is_of_id
from datastore.mongo.existence import NOT_DELETED
from datastore.records.users import PROFILE, AccountRecord, UserCounts, UserRecord, to_account, to_document, to_profile
from datastore.redis import keys
from datastore.redis.node.pipeline import CommandPipeline

_PROFILE_TTL_SECONDS = 3_600
# An act corrects them at once. Where its process dies in between, they are right again within a minute.
_COUNTS_TTL_SECONDS = 45
_PROFILES_AT_ONCE = 1_000
_OWNERS_KEPT = 10_000
_KEYS = {"handle_key": 1, "email_key": 1}


class TakenError(Exception):
    """The handle or address belongs to somebody; `field` says which."""

    def __init__(self, field: str) -> None:
        super().__init__(field)
        self.field = field


class UserStore:
    """Profiles are read through the cache; accounts and look-ups of several names always come from MongoDB."""

    def __init__(self, mongo: Mongo, pipeline: CommandPipeline, outbox: Outbox) -> None:
        self._mongo, self._outbox = mongo, outbox
        self._users = mongo.collection("users")
        self._profiles = RowCache[UserId, UserRecord](
            pipeline, UserRecord, key=keys.user, load=self._load_profiles, ttl_seconds=_PROFILE_TTL_SECONDS
        )
        self._counts = RowCache[UserId, UserCounts](
            pipeline,
            UserCounts,
            key=keys.user_counts,
            load=self._load_counts,
            ttl_seconds=_COUNTS_TTL_SECONDS,
            stale_seconds=STALE_SECONDS,
        )
        self._owners: dict[str, UserId] = {}

    async def insert(self, account: AccountRecord) -> None:
        """Raises TakenError where handle or address are in use, in whatever case."""
        with away_as_unavailable():
            try:
                await self._users.insert_one(to_document(account))
            except DuplicateKeyError as error:
                if is_of_id(error):
                    raise UnavailableError("The database") from error
                raise TakenError(_taken_field(error)) from None

    async def taken(self, handle: str, email: str) -> list[str]:
        """Those of "handle" and "email" that are in use, in whatever case."""
        wanted = {"handle": ("handle_key", handle_key(handle)), "email": ("email_key", email_key(email))}
        with away_as_unavailable():
            found = self._users.find({"$or": [{key: value} for key, value in wanted.values()]}, _KEYS)
            rows = [row async for row in found]
        return [field for field, (key, value) in wanted.items() if any(row[key] == value for row in rows)]

    async def get_many(self, ids: Sequence[UserId]) -> list[UserRecord | None]:
        return await self._profiles.get_many(ids)

    async def get(self, user_id: UserId) -> UserRecord | None:
        return (await self._profiles.get_many([user_id]))[0]

    async def public_among(self, ids: Iterable[UserId]) -> list[UserId]:
        """Those of the people who are there, and whose tweets everybody may see."""
        public: list[UserId] = []
        for some in chunked(ids, _PROFILES_AT_ONCE):
            people = await self.get_many(some)
            public += [user.id for user in people if user is not None and not user.is_protected]
        return public

    def begin_read(self, ids: Sequence[UserId], since: float) -> PendingRead[UserId, UserRecord]:
        """`get_many` begun, as of a moment; for `settle`."""
        return self._profiles.begin_read(ids, since)

    async def as_stored(self, user_id: UserId) -> UserRecord | None:
        """Not from the cache; also of somebody whose account is being deleted."""
        with away_as_unavailable():
            row = await self._users.find_one({"_id": user_id}, PROFILE)
        return None if row is None else to_profile(row)

    async def counts_of(self, ids: Sequence[UserId]) -> list[UserCounts]:
        """In the order asked; zeros for somebody unknown."""
        return [counts or UserCounts() for counts in await self._counts.get_many(ids)]

    async def invalidate_counts(self, *ids: UserId) -> None:
        await self._counts.invalidate(*ids)

    async def by_handle(self, key: str) -> UserRecord | None:
        """Whose it was last is remembered; their profile, as it is at this moment, tells whether it still is theirs."""
        owner = self._owners.get(key)
        if owner is not None and (user := await self.get(owner)) is not None and handle_key(user.handle) == key:
            return user
        for found in (await self.ids_by_handle([key])).values():
            if len(self._owners) >= _OWNERS_KEPT:
                self._owners.clear()
            self._owners[key] = found
            return await self.get(found)
        return None

    async def ids_by_handle(self, handle_keys: Sequence[str]) -> dict[str, UserId]:
        """Handle keys of nobody are left out."""
        if not handle_keys:
            return {}
        with away_as_unavailable():
            found = self._users.find({"handle_key": {"$in": list(handle_keys)}, **NOT_DELETED}, {"handle_key": 1})
            return {row["handle_key"]: UserId(row["_id"]) async for row in found}

    async def id_pages(self, size: int) -> AsyncIterator[list[UserId]]:
        """Everybody, by pages; who joins meanwhile is among them."""
        after = 0
        while True:
            with away_as_unavailable():
                found = self._users.find({"_id": {"$gt": after}, **NOT_DELETED}, {"_id": 1}).sort("_id", 1).limit(size)
                page = [UserId(row["_id"]) async for row in found]
            if not page:
                return
            after = page[-1]
            yield page

    async def is_empty(self) -> bool:
        """Whether nobody has registered yet."""
        with away_as_unavailable():
            return await self._users.find_one({}, {"_id": 1}) is None

    async def account(self, user_id: UserId) -> AccountRecord | None:
        return await self._account({"_id": user_id})

    async def account_by_login(self, login_key: str) -> AccountRecord | None:
        """By handle, or by e-mail address where there is an @ in it; keys are in lower case."""
        return await self._account({"email_key" if "@" in login_key else "handle_key": login_key})

    async def update_profile(
        self,
        user_id: UserId,
        changes: Mapping[str, str | bool | None],
        *,
        then: AcceptFollowRequests | None = None,
        guard: PublishProtection | None = None,
    ) -> UserRecord | None:
        """`changes` by field name of UserRecord; `then` is a job that follows. None where the person is gone.

        `guard` is one that follows where the account was not as protected, or as public, before.
        """

        async def update(session: Any) -> Document | None:
            if guard is not None:
                other = {"_id": user_id, **NOT_DELETED, "is_protected": not guard.is_protected}
                if await self._users.find_one(other, {"_id": 1}, session=session) is not None:
                    await self._outbox.add(session, guard)
            row: Document | None = await self._users.find_one_and_update(
                {"_id": user_id, **NOT_DELETED},
                {"$set": dict(changes)},
                projection=PROFILE,
                return_document=True,
                session=session,
            )
            if row is not None and "name" in changes:
                names = prefixes(name_words(row["handle"], row["name"]))
                await self._users.update_one({"_id": user_id}, {"$set": {"names": names}}, session=session)
            if row is not None and then is not None:
                await self._outbox.add(session, then)
            return row

        with away_as_unavailable():
            row = await self._mongo.in_transaction(update)
        await self._profiles.invalidate(user_id)
        return None if row is None else to_profile(row)

    async def set_password(self, user_id: UserId, password_hash: str) -> None:
        with away_as_unavailable():
            await self._users.update_one({"_id": user_id}, {"$set": {"password_hash": password_hash}})

    async def set_muted_words(self, act_id: int, user_id: UserId, words: Sequence[str]) -> PublishViewChange | None:
        """The job that this leaves; None where they are the same as before."""

        async def change(session: Any) -> PublishViewChange | None:
            query, change = {"_id": user_id}, {"$set": {"muted_words": list(words)}}
            row = await self._users.find_one_and_update(query, change, {"muted_words": 1}, session=session)
            there = tuple((row or {}).get("muted_words", ()))
            if row is None or there == tuple(words):
                return None
            act = PublishViewChange(act_id, user_id, ViewChange(ViewChangeKind.WORDS, words=there))
            await self._outbox.add(session, act)
            return act

        with away_as_unavailable():
            act: PublishViewChange | None = await self._mongo.in_transaction(change)
        return act

    async def muted_words(self, user_id: UserId) -> list[str]:
        with away_as_unavailable():
            row = await self._users.find_one({"_id": user_id}, {"muted_words": 1})
        return list((row or {}).get("muted_words", ()))

    async def move_home_read(self, user_id: UserId, place: int) -> None:
        """Forward alone."""
        with away_as_unavailable():
            await self._users.update_one({"_id": user_id}, {"$max": {"home_read": place}})

    async def home_read(self, user_id: UserId) -> int | None:
        """The place up to which the person has read their home timeline."""
        with away_as_unavailable():
            row = await self._users.find_one({"_id": user_id}, {"home_read": 1})
        return (row or {}).get("home_read")

    async def follower_count(self, user_id: UserId) -> int:
        """Not from the cache."""
        return (await self._load_counts([user_id])).get(user_id, UserCounts()).followers

    async def begin_deletion(self, act: DeleteAccount) -> None:
        """Nobody sees or signs in to the account any more; what it wrote goes by and by."""

        async def begin(session: Any) -> None:
            await self._users.update_one({"_id": act.user_id}, {"$set": {"is_deleted": True}}, session=session)
            await self._outbox.add(session, act)

        with away_as_unavailable():
            await self._mongo.in_transaction(begin)
        await self._profiles.invalidate(act.user_id)

    async def delete(self, user_id: UserId) -> None:
        """The document itself, once nothing points to it."""
        with away_as_unavailable():
            await self._users.delete_one({"_id": user_id})
        await self._profiles.invalidate(user_id)

    async def _account(self, query: Mapping[str, object]) -> AccountRecord | None:
        with away_as_unavailable():
            row = await self._users.find_one({**query, **NOT_DELETED})
        return None if row is None else to_account(row)

    async def _load_profiles(self, ids: Sequence[UserId]) -> dict[UserId, UserRecord]:
        with away_as_unavailable():
            found = self._users.find({"_id": {"$in": list(ids)}, **NOT_DELETED}, PROFILE)
            return {UserId(row["_id"]): to_profile(row) async for row in found}

    async def _load_counts(self, ids: Sequence[UserId]) -> dict[UserId, UserCounts]:
        pipeline: list[Document] = [
            {"$match": {"_id": {"$in": list(ids)}}},
            {"$project": {"counts": 1}},
            {"$lookup": USER_COUNTERS.pending_lookup},
        ]
        await self._mongo.ensure_reachable()
        with away_as_unavailable():
            rows = await self._mongo.aggregate_snapshot(USER_COUNTERS.targets, pipeline)
        return {UserId(row["_id"]): UserCounts(**with_pending(row["counts"], row["pending"])) for row in rows}


def _taken_field(error: DuplicateKeyError) -> str:
    pattern = (error.details or {}).get("keyPattern", {})
    return "email" if "email_key" in pattern else "handle"
