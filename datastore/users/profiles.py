"""Public profiles, read through the cache."""

from collections.abc import Collection, Iterable, Sequence

from core.ids import UserId
from core.text.text import handle_key
from datastore.cache.pending_read import PendingRead
from datastore.cache.rows import RowCache
from datastore.mongo.bulk import chunked
from datastore.mongo.client import Mongo, away_as_unavailable
from datastore.mongo.existence import NOT_DELETED
from datastore.records.users import PROFILE, UserRecord, to_profile
from datastore.redis import keys
from datastore.redis.node.pipeline import CommandPipeline

_TTL_SECONDS = 3_600
_AT_ONCE = 1_000
_MAX_REMEMBERED_HANDLES = 10_000
# A sign-up that waits for its verification, or for approval, is seen by nobody.
_EXISTING = {**NOT_DELETED, "is_hidden": {"$ne": True}, "waits": {"$ne": True}}


class ProfileStore:
    """Look-ups of several handles always ask MongoDB."""

    def __init__(self, mongo: Mongo, pipeline: CommandPipeline) -> None:
        self._users = mongo.collection("users")
        self._profiles = RowCache[UserId, UserRecord](
            pipeline, UserRecord, key=keys.user, load=self._load_profiles, ttl_seconds=_TTL_SECONDS
        )
        self._id_by_handle: dict[str, UserId] = {}

    async def invalidate(self, user_id: UserId) -> None:
        """Call after a change of the profile that another store made."""
        await self._profiles.invalidate(user_id)

    @property
    def rows(self) -> RowCache[UserId, UserRecord]:
        """The cache of the profiles, for what is in the memory of this process."""
        return self._profiles

    async def get_many(self, ids: Sequence[UserId], since: float | None = None) -> list[UserRecord | None]:
        """In the order of the ids, None for an unknown or suspended user; as of `since` (monotonic seconds) or later.

        `since` None: now.
        """
        found = await self._profiles.get_many(ids, since)
        return [None if user is None or user.is_suspended else user for user in found]

    async def get(self, user_id: UserId) -> UserRecord | None:
        """None for an unknown or suspended user."""
        return (await self.get_many([user_id]))[0]

    async def with_suspended(self, ids: Sequence[UserId]) -> list[UserRecord | None]:
        """As `get_many`, suspended users too."""
        return await self._profiles.get_many(ids)

    async def public_among(self, ids: Iterable[UserId]) -> list[UserId]:
        """The subset of existing users whose acts count for everybody: neither protected nor limited."""
        public: list[UserId] = []
        for some in chunked(ids, _AT_ONCE):
            people = await self.get_many(some)
            public += [user.id for user in people if user and not (user.is_protected or user.is_limited)]
        return public

    def begin_read(self, ids: Sequence[UserId], since: float) -> PendingRead[UserId, UserRecord]:
        """As `get_many`, for `resolve_reads`, but finds suspended users too: for rules, which hide them."""
        return self._profiles.begin_read(ids, since)

    async def get_uncached(self, user_id: UserId) -> UserRecord | None:
        """The stored profile, also of an account that is being deleted."""
        with away_as_unavailable():
            row = await self._users.find_one({"_id": user_id}, PROFILE)
        return None if row is None else to_profile(row)

    async def get_many_uncached(self, user_ids: Collection[UserId]) -> dict[UserId, UserRecord]:
        """As `get_uncached`, those that there are by id."""
        if not user_ids:
            return {}
        with away_as_unavailable():
            found = self._users.find({"_id": {"$in": list(user_ids)}}, PROFILE)
            return {UserId(row["_id"]): to_profile(row) async for row in found}

    async def by_handle(self, key: str, since: float | None = None) -> UserRecord | None:
        """Remembers the owner's id in this process; the profile, as of `since` or later, confirms it on each call."""
        owner = self._id_by_handle.get(key)
        if owner is not None:
            (user,) = await self.get_many([owner], since)
            if user is not None and handle_key(user.handle) == key:
                return user
        found = (await self.ids_by_handle([key])).get(key)
        if found is None:
            return None
        if len(self._id_by_handle) >= _MAX_REMEMBERED_HANDLES:
            self._id_by_handle.clear()
        self._id_by_handle[key] = found
        return await self.get(found)

    async def ids_by_handle(self, handle_keys: Sequence[str]) -> dict[str, UserId]:
        """Ids by handle key, of suspended users too; unknown handles are left out."""
        if not handle_keys:
            return {}
        with away_as_unavailable():
            found = self._users.find({"handle_key": {"$in": list(handle_keys)}, **_EXISTING}, {"handle_key": 1})
            return {row["handle_key"]: UserId(row["_id"]) async for row in found}

    async def _load_profiles(self, ids: Sequence[UserId]) -> dict[UserId, UserRecord]:
        with away_as_unavailable():
            found = self._users.find({"_id": {"$in": list(ids)}, **_EXISTING}, PROFILE)
            return {UserId(row["_id"]): to_profile(row) async for row in found}
