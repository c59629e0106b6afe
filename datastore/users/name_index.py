"""People by the beginnings of their names: one index holds these with the id behind them, the oldest account first.

What is looked at is bounded, as it is for tweets: an answer says up to where it has looked.
"""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from typing import Final, NamedTuple

from core.ids import UserId
from core.text.name_prefixes import index_prefix
from datastore.mongo.client import Mongo, away_as_unavailable

NAMES_INDEX: Final = "names_1__id_1"
# At so many people is looked for one answer, where more than one word is typed: 1 ms.
_EFFORT: Final = 500


class NamedPeople(NamedTuple):
    """In order; `reached` is up to where was looked, None: to the end."""

    ids: list[UserId]
    reached: UserId | None


class PeopleStore:
    def __init__(self, mongo: Mongo) -> None:
        self._mongo, self._users = mongo, mongo.collection("users")

    async def named(self, typed: Sequence[str], after: int, count: int) -> NamedPeople:
        """At most `count` people with all of these beginnings, of those after the place."""
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
        return NamedPeople(ids, reached)

    async def named_among(self, people: AbstractSet[UserId], typed: Sequence[str]) -> list[UserId]:
        """Of these people all with these beginnings, in order."""
        ids = sorted(people)
        for word in typed:
            ids = await self._among(ids, index_prefix(word))
        return ids

    async def _among(self, ids: Sequence[UserId], begins: str) -> list[UserId]:
        if not ids:
            return []
        query = {"names": begins, "_id": {"$in": list(ids)}}
        with away_as_unavailable():
            found = self._users.find(query, {"_id": 1}).hint(NAMES_INDEX).batch_size(len(ids))
            return sorted(UserId(row["_id"]) for row in await found.to_list(len(ids)))
