"""Tweets by their terms: one index holds the terms of each with its id behind them, newest first.

Conditions are checked within indexes, on ids alone; only tweets that pass are read. What is looked at is bounded: where
few tweets fit, an answer says down to where it has looked, and the next one goes on from there.
"""

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from core.ids import UserId
from core.search.query import Alternative, AtLeast, ByFollowees, Measure, Posted
from datastore.mongo.client import Document, Mongo, away_as_unavailable
from datastore.records.items import COLLECTION, TweetRecord, to_counts, to_record
from datastore.tweets.terms import SearchedTweet

TERMS_INDEX: Final = "terms_1__id_-1"
ENGAGED_INDEX: Final = "engaged"
_AUTHORS_INDEX: Final = "author_1__id_-1"
_IDS_INDEX: Final = "_id_"
# Where this many tweets with a term lie tells how rare it is.
_PROBED: Final = 200
# MongoDB merges index ranges instead of sorting only up to 200 of them (internalQueryMaxScansToExplode).
_MOST_AUTHORS: Final = 150
# At so many tweets is looked where not all fit, on their ids: under 10 ms.
_EFFORT: Final = 1_000
_LEAST_EFFORT: Final = 30
# The share of them that is read, where only the text tells whether they fit.
_READ_OF: Final = 15
# Who wrote a tweet is known to the tweet alone, which has to be read for it.
_READ_FOR_AUTHOR: Final = 500


class Looked(NamedTuple):
    """Tweets newest first, all that fit from where it began down to `reached`; None: down to the oldest.

    `is_spent`: they are few, and to look on would be too much at once.
    """

    tweets: list[SearchedTweet]
    reached: int | None
    is_spent: bool = False


@dataclass(frozen=True, slots=True)
class _Part:
    """A condition that an index answers: what it lists newest first where it `is_source`, and what it checks by."""

    query: Mapping[str, Any]
    index: str
    check_by: str
    is_source: bool = True


@dataclass(frozen=True, slots=True)
class _Plan:
    """The first of `parts` is looked through; `checked` is what takes the tweet itself."""

    parts: Sequence[_Part]
    excluded: Sequence[_Part]
    checked: Alternative

    @property
    def is_plain(self) -> bool:
        """Whether all that is looked at fits."""
        return len(self.parts) == 1 and bool(self.parts[0].query) and not self.excluded and not self.checked.clauses


class SearchStore:
    def __init__(self, mongo: Mongo) -> None:
        self._mongo = mongo
        self._tweets = mongo.collection(COLLECTION)

    async def newest(
        self, wanted: Alternative, followees: AbstractSet[UserId], span: Posted, *, count: int, share: int = 1
    ) -> Looked:
        """At most `count` tweets within the span. `share`: of so many alternatives that together cost what one may."""
        first, end = max(wanted.posted.first, span.first), min(wanted.posted.end, span.end)
        if first >= end:
            return Looked([], None)
        parts = await self._rarest_first(_parts(wanted, followees), Posted(first, end))
        plan = _Plan(parts, [_having(term) for term in wanted.excluded], wanted.beyond_terms)
        if plan.is_plain:
            return await self._plainly(parts[0], Posted(first, end), count)
        effort = max(_EFFORT // share, _LEAST_EFFORT)
        passed, reached = await self._passing(plan, Posted(first, end), effort)
        most = max(count, effort // _READ_OF) if plan.checked.clauses else count
        if len(passed) > most:
            passed, reached = passed[:most], passed[most - 1]
        found = [tweet for tweet in await self._tweets_of(passed) if plan.checked.holds(tweet, followees)]
        if len(found) > count:
            found, reached = found[:count], found[count - 1].id
        return Looked(found, reached, is_spent=len(found) < count)

    async def _plainly(self, part: _Part, span: Posted, count: int) -> Looked:
        """In one round."""
        with away_as_unavailable():
            found = self._tweets.find({**part.query, "_id": _inside(span)}, {"terms": 0}).sort("_id", -1)
            rows = await found.limit(count).hint(part.index).to_list(count)
        return Looked(_searched(rows), rows[-1]["_id"] if len(rows) == count else None)

    async def _passing(self, plan: "_Plan", span: Posted, effort: int) -> tuple[list[int], int | None]:
        """Ids, newest first, that fit by what indexes tell, of so many; and down to where these reach."""
        ids = await self._ids(plan.parts[0], span, effort)
        reached = ids[-1] if len(ids) == effort else None
        for part in plan.parts[1:]:
            if not part.is_source and len(ids) > _READ_FOR_AUTHOR:
                ids, reached = ids[:_READ_FOR_AUTHOR], ids[_READ_FOR_AUTHOR - 1]
            fitting = await self._among(ids, part)
            ids = [tweet_id for tweet_id in ids if tweet_id in fitting]
        for part in plan.excluded:
            without = await self._among(ids, part)
            ids = [tweet_id for tweet_id in ids if tweet_id not in without]
        return ids, reached

    async def _rarest_first(self, parts: Sequence[_Part], span: Posted) -> list[_Part]:
        """By how far back the newest of each reach; what is no source comes last."""
        if len(parts) == 1:
            return list(parts)
        sources = [part for part in parts if part.is_source]
        reaches = await asyncio.gather(*[self._reach(part, span) for part in sources])
        ordered = sorted(range(len(sources)), key=lambda place: reaches[place])
        return [*(sources[place] for place in ordered), *(part for part in parts if not part.is_source)]

    async def _reach(self, part: _Part, span: Posted) -> int:
        with away_as_unavailable():
            found = self._tweets.find({**part.query, "_id": _inside(span)}, {"_id": 1}).sort("_id", -1)
            rows = [row["_id"] async for row in found.skip(_PROBED).limit(1).hint(part.index)]
        return rows[0] if rows else 0

    async def _ids(self, part: _Part, span: Posted, most: int) -> list[int]:
        """Newest first."""
        query = {**part.query, "_id": _inside(span)}
        with away_as_unavailable():
            return await self._mongo.ids(COLLECTION, query, order=-1, most=most, hint=part.index)

    async def _among(self, ids: Sequence[int], part: "_Part") -> set[int]:
        """Of these ids those that fit."""
        if not ids:
            return set()
        with away_as_unavailable():
            found = self._tweets.find({**part.query, "_id": {"$in": list(ids)}}, {"_id": 1})
            rows = await found.hint(part.check_by).batch_size(len(ids)).to_list(len(ids))
        return {row["_id"] for row in rows}

    async def _tweets_of(self, ids: Sequence[int]) -> list[SearchedTweet]:
        """Newest first; retweets, which nobody looks for, and what is gone meanwhile, are left out."""
        if not ids:
            return []
        with away_as_unavailable():
            found = self._tweets.find({"_id": {"$in": list(ids)}}, {"terms": 0}).sort("_id", -1)
            rows = await found.to_list(len(ids))
        return _searched(rows)


def _parts(wanted: Alternative, followees: AbstractSet[UserId]) -> list[_Part]:
    """One source at least."""
    parts = [_having(term) for term in wanted.required]
    conditions = [clause.condition for clause in wanted.clauses if not clause.is_negated]
    least = Counter[Measure]()
    for condition in conditions:
        if isinstance(condition, AtLeast):
            least[condition.measure] = max(least[condition.measure], condition.number)
    if any(least.values()):
        counted = {f"counts.{measure}": {"$gte": least[measure]} for measure in (Measure.LIKES, Measure.RETWEETS)}
        engaged = {"score": {"$gte": max(least[Measure.ENGAGEMENT], 1)}}
        parts.append(_Part({**engaged, **counted}, ENGAGED_INDEX, ENGAGED_INDEX))
    if any(isinstance(condition, ByFollowees) for condition in conditions):
        query = {"author": {"$in": sorted(followees)}}
        parts.append(_Part(query, _AUTHORS_INDEX, _IDS_INDEX, len(followees) <= _MOST_AUTHORS))
    return parts if any(part.is_source for part in parts) else [_Part({}, _IDS_INDEX, _IDS_INDEX), *parts]


def _searched(rows: Sequence[Document]) -> list[SearchedTweet]:
    found = [(to_record(row), to_counts(row, ())) for row in rows]
    return [SearchedTweet(item, counts) for item, counts in found if isinstance(item, TweetRecord)]


def _having(term: str) -> _Part:
    return _Part({"terms": term}, TERMS_INDEX, TERMS_INDEX)


def _inside(span: Posted) -> Mapping[str, int]:
    return {"$gte": span.first, "$lt": span.end}
