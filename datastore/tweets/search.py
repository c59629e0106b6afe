"""Search over the index of terms, which lists for each term the ids of its tweets, newest first.

Conditions are checked within indexes, on ids alone; only tweets that pass are read. The effort is bounded: if few
tweets match, the result says down to which id it has scanned, and the next page continues there.
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
# The age of the 200th newest tweet with a term tells how rare the term is.
_RARITY_PROBE: Final = 200
# MongoDB merges index ranges instead of sorting only up to 200 of them (internalQueryMaxScansToExplode).
_MAX_SOURCE_AUTHORS: Final = 150
# Ids scanned for one page if not all match: under 10 ms.
_EFFORT: Final = 1_000
_MIN_EFFORT: Final = 30
# One in so many scanned ids is read, if only the text tells whether they match.
_READ_SHARE: Final = 15
# Checking the author needs the tweet document.
_MAX_AUTHOR_CHECKS: Final = 500


class SearchPage(NamedTuple):
    """Matching tweets, newest first: all from the start of the span down to id `reached`, None: to its end.

    `is_spent`: fewer than asked for, because the effort was used up.
    """

    tweets: list[SearchedTweet]
    reached: int | None
    is_spent: bool = False


@dataclass(frozen=True, slots=True)
class _Part:
    """A condition that indexes answer: if `is_source`, `index` lists matches newest first; `check_by` checks ids."""

    query: Mapping[str, Any]
    index: str
    check_by: str
    is_source: bool = True


@dataclass(frozen=True, slots=True)
class _Plan:
    """The first of `parts` is scanned, the others filter; `checked` needs the tweet documents."""

    parts: Sequence[_Part]
    excluded: Sequence[_Part]
    checked: Alternative

    @property
    def is_plain(self) -> bool:
        """Whether every scanned tweet matches."""
        return len(self.parts) == 1 and bool(self.parts[0].query) and not self.excluded and not self.checked.clauses


class SearchStore:
    def __init__(self, mongo: Mongo) -> None:
        self._mongo = mongo
        self._tweets = mongo.collection(COLLECTION)

    async def newest(
        self, wanted: Alternative, followees: AbstractSet[UserId], span: Posted, *, count: int, share: int = 1
    ) -> SearchPage:
        """At most `count` matches within the span. `share`: number of alternatives that share the effort of one."""
        first, end = max(wanted.posted.first, span.first), min(wanted.posted.end, span.end)
        if first >= end:
            return SearchPage([], None)
        parts = await self._rarest_first(_parts(wanted, followees), Posted(first, end))
        plan = _Plan(parts, [_with_term(term) for term in wanted.excluded], wanted.beyond_terms)
        if plan.is_plain:
            return await self._scan(parts[0], Posted(first, end), count)
        effort = max(_EFFORT // share, _MIN_EFFORT)
        passed, reached = await self._matching_ids(plan, Posted(first, end), effort)
        most = max(count, effort // _READ_SHARE) if plan.checked.clauses else count
        if len(passed) > most:
            passed, reached = passed[:most], passed[most - 1]
        found = [tweet for tweet in await self._tweets_of(passed) if plan.checked.holds(tweet, followees)]
        if len(found) > count:
            found, reached = found[:count], found[count - 1].id
        return SearchPage(found, reached, is_spent=len(found) < count)

    async def _scan(self, part: _Part, span: Posted, count: int) -> SearchPage:
        with away_as_unavailable():
            found = self._tweets.find({**part.query, "_id": _within(span)}, {"terms": 0}).sort("_id", -1)
            rows = await found.limit(count).hint(part.index).to_list(count)
        return SearchPage(_to_searched(rows), rows[-1]["_id"] if len(rows) == count else None)

    async def _matching_ids(self, plan: "_Plan", span: Posted, effort: int) -> tuple[list[int], int | None]:
        """Ids that match by the indexes alone, newest first, of `effort` scanned ones; and the id reached."""
        ids = await self._ids(plan.parts[0], span, effort)
        reached = ids[-1] if len(ids) == effort else None
        for part in plan.parts[1:]:
            if not part.is_source and len(ids) > _MAX_AUTHOR_CHECKS:
                ids, reached = ids[:_MAX_AUTHOR_CHECKS], ids[_MAX_AUTHOR_CHECKS - 1]
            fitting = await self._among(ids, part)
            ids = [tweet_id for tweet_id in ids if tweet_id in fitting]
        for part in plan.excluded:
            excluded = await self._among(ids, part)
            ids = [tweet_id for tweet_id in ids if tweet_id not in excluded]
        return ids, reached

    async def _rarest_first(self, parts: Sequence[_Part], span: Posted) -> list[_Part]:
        """Sources ordered by how far back their newest 200 reach; conditions that are no source come last."""
        if len(parts) == 1:
            return list(parts)
        sources = [part for part in parts if part.is_source]
        oldest = await asyncio.gather(*[self._reach(part, span) for part in sources])
        ordered = sorted(range(len(sources)), key=lambda place: oldest[place])
        return [*(sources[place] for place in ordered), *(part for part in parts if not part.is_source)]

    async def _reach(self, part: _Part, span: Posted) -> int:
        with away_as_unavailable():
            found = self._tweets.find({**part.query, "_id": _within(span)}, {"_id": 1}).sort("_id", -1)
            rows = [row["_id"] async for row in found.skip(_RARITY_PROBE).limit(1).hint(part.index)]
        return rows[0] if rows else 0

    async def _ids(self, part: _Part, span: Posted, most: int) -> list[int]:
        query = {**part.query, "_id": _within(span)}
        with away_as_unavailable():
            return await self._mongo.ids(COLLECTION, query, order=-1, most=most, hint=part.index)

    async def _among(self, ids: Sequence[int], part: "_Part") -> set[int]:
        """The subset of `ids` that matches."""
        if not ids:
            return set()
        with away_as_unavailable():
            found = self._tweets.find({**part.query, "_id": {"$in": list(ids)}}, {"_id": 1})
            rows = await found.hint(part.check_by).batch_size(len(ids)).to_list(len(ids))
        return {row["_id"] for row in rows}

    async def _tweets_of(self, ids: Sequence[int]) -> list[SearchedTweet]:
        """Newest first; without retweets and tweets deleted meanwhile."""
        if not ids:
            return []
        with away_as_unavailable():
            found = self._tweets.find({"_id": {"$in": list(ids)}}, {"terms": 0}).sort("_id", -1)
            rows = await found.to_list(len(ids))
        return _to_searched(rows)


def _parts(wanted: Alternative, followees: AbstractSet[UserId]) -> list[_Part]:
    """Conditions that indexes answer; at least one is a source."""
    parts = [_with_term(term) for term in wanted.required]
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
        parts.append(_Part(query, _AUTHORS_INDEX, _IDS_INDEX, len(followees) <= _MAX_SOURCE_AUTHORS))
    return parts if any(part.is_source for part in parts) else [_Part({}, _IDS_INDEX, _IDS_INDEX), *parts]


def _to_searched(rows: Sequence[Document]) -> list[SearchedTweet]:
    found = [(to_record(row), to_counts(row, {})) for row in rows]
    return [SearchedTweet(item, counts) for item, counts in found if isinstance(item, TweetRecord)]


def _with_term(term: str) -> _Part:
    return _Part({"terms": term}, TERMS_INDEX, TERMS_INDEX)


def _within(span: Posted) -> Mapping[str, int]:
    return {"$gte": span.first, "$lt": span.end}
