"""Actors of a group of notifications whose acts lie between two others: of them a device has not been told yet."""

import asyncio
from collections.abc import Sequence
from typing import NamedTuple

from core.ids import UserId
from datastore.mongo.client import Mongo, away_as_unavailable
from datastore.notifications.reader import ACTS

_MOST_ACTORS = 100


class ActRange(NamedTuple):
    """Acts of a group after the act `after`, up to the act `up_to`."""

    group_id: int
    after: int
    up_to: int


class ActorReader:
    def __init__(self, mongo: Mongo) -> None:
        self._acts = mongo.collection(ACTS)

    async def between(self, ranges: Sequence[ActRange]) -> list[set[UserId]]:
        """In the order given; the newest of very many. Each range is read once, all at one time."""
        unique = list(dict.fromkeys(ranges))
        with away_as_unavailable():
            found = await asyncio.gather(*map(self._of_range, unique))
        by_range = dict(zip(unique, found, strict=True))
        return [by_range[one] for one in ranges]

    async def _of_range(self, one: ActRange) -> set[UserId]:
        which = {"group": one.group_id, "act": {"$gt": one.after, "$lte": one.up_to}}
        found = self._acts.find(which, {"actor": 1}).sort("act", -1).limit(_MOST_ACTORS)
        return {UserId(row["actor"]) async for row in found}
