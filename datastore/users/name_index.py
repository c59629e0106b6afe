"""Search for users by name prefixes. The index lists the ids of each prefix, oldest account first.

The effort is bounded, as it is for tweets: a result says up to which id it has scanned.
"""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from typing import Final, NamedTuple

from core.ids import UserId
from core.text.name_prefixes import index_prefix
from datastore.mongo.client import Mongo, away_as_unavailable

NAMES_INDEX: Final = "names_1__id_1"
# Ids scanned for one result if more than one word is typed: 1 ms.
_EFFORT: Final = 500


class NameMatches(NamedTuple):
    """Ids in ascending order; `reached` is the last id scanned, None: all were."""

    ids: list[UserId]
    reached: UserId | None


class NameIndex:
    def __init__(self, mongo: Mongo) -> None:
        self._mongo, self._users = mongo, mongo.collection("users")

    async def find(self, typed: Sequence[str], after: int, count: int) -> NameMatches:
        """At most `count` users whose names match all typed prefixes, with ids after `after`."""
        first, *others = sorted(map(index_prefix, typed), key=len, reverse=True)
        effort = _EFFORT if others else count
        query = {"names": first, "_id": {"$gt": after}}
        with away_as_unavailable():
            found = await self._mongo.ids("users", query, order=1, most=effort, hint=NAMES_INDEX)
        ids = list(map(UserId, found))
        reached = ids[-1] if len(ids) == effort else None
        for other in others:
            ids = await self._among(ids, other)
        if len(ids) > count:
            ids, reached = ids[:count], ids[count - 1]
        return NameMatches(ids, reached)

    async def filter(self, user_ids: AbstractSet[UserId], typed: Sequence[str]) -> list[UserId]:
        """The subset of `user_ids` whose names match all typed prefixes, in ascending order."""
        ids = sorted(user_ids)
        for word in typed:
            ids = await self._among(ids, index_prefix(word))
        return ids

    async def _among(self, ids: Sequence[UserId], prefix: str) -> list[UserId]:
        if not ids:
            return []
        query = {"names": prefix, "_id": {"$in": list(ids)}}
        with away_as_unavailable():
            found = self._users.find(query, {"_id": 1}).hint(NAMES_INDEX).batch_size(len(ids))
            return sorted(UserId(row["_id"]) for row in await found.to_list(len(ids)))
