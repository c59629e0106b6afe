"""Increments of counts: how acts keep them in their documents, and how reads add them to the stored counts."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple

from datastore.mongo.acts import UNDONE
from datastore.mongo.client import Document, Mongo
from datastore.mongo.existence import NOT_DELETED

PARTITIONS: Final = 4
_ACTORS: Mapping[str, str] = {"likes": "user", "tweets": "author", "follows": "follower"}
# Engagement score, by which replies are sorted: likes + 2 x retweets + 3 x replies.
SCORE_WEIGHTS: Mapping[str, int] = {"likes": 1, "retweets": 2, "quotes": 0, "replies": 3}


class CounterSpec(NamedTuple):
    """Where increments and their targets lie, and the queues that name targets to the workers.

    `acts`: collections whose documents keep increments in `field`, as a list of {of, what, step}. `increments`: the
    collection of those without an act. `score_weights`: what an increment adds to the target's `score`. `existing`:
    filter that deleted targets fail.
    """

    increments: str
    acts: tuple[str, ...]
    field: str
    targets: str
    queue: str
    score_weights: Mapping[str, int]
    existing: Document

    @property
    def queues(self) -> tuple[str, ...]:
        """Names of the queues; all entries of one target go through the same one."""
        return tuple(f"{self.queue}-{number}" for number in range(PARTITIONS))

    def pending_lookups(self, local_field: str) -> list[Document]:
        """Stages that look up the increments of each document's `local_field`, for `looked_up` of the result.

        In a snapshot, an increment is either there or in its target's counts.
        """
        own: Document = {"_id": "$counted", "step": {"$sum": "$step"}}
        lookups = [_lookup(self.increments, local_field, "target", [{"$group": own}])]
        for acts in self.acts:
            some = [{"$unwind": f"${self.field}"}, {"$replaceWith": f"${self.field}"}, _OF_TARGET, _SUM_BY_NAME]
            lookups.append(_lookup(acts, local_field, f"{self.field}.of", some, let={"target": f"${local_field}"}))
        return lookups

    def pending_unions(self, ids: Sequence[int]) -> list[Document]:
        """Stages that append the increments of these ids to a pipeline over targets, for `by_target` of the result."""
        wanted = {"$in": list(ids)}
        own: Document = {"of": "$target", "what": "$counted", "step": "$step"}
        unions = [_union(self.increments, [{"$match": {"target": wanted}}, {"$replaceWith": own}, _SUM])]
        for acts in self.acts:
            some = [{"$match": {f"{self.field}.of": wanted}}, *self._unwound, {"$match": {"of": wanted}}, _SUM]
            unions.append(_union(acts, some))
        return unions

    @property
    def _unwound(self) -> list[Document]:
        return [{"$unwind": f"${self.field}"}, {"$replaceWith": f"${self.field}"}]


_OF_TARGET: Document = {"$match": {"$expr": {"$eq": ["$of", "$$target"]}}}
_SUM_BY_NAME: Document = {"$group": {"_id": "$what", "step": {"$sum": "$step"}}}
_SUM: Document = {"$group": {"_id": {"of": "$of", "what": "$what"}, "step": {"$sum": "$step"}}}
TWEET_COUNTERS = CounterSpec(
    "count_changes", ("likes", "tweets", UNDONE), "uncounted", "tweets", "counters", SCORE_WEIGHTS, {}
)
USER_COUNTERS = CounterSpec(
    "people_changes", ("follows", "tweets", UNDONE), "uncounted_users", "users", "people-counters", {}, NOT_DELETED
)
COUNTER_SPECS = (TWEET_COUNTERS, USER_COUNTERS)


class PendingIncrement(NamedTuple):
    """An increment of a target; `act_id` is its own document's id where it lies in `increments`.

    `actor` is the user whose act it is, 0 for a deletion or an undoing. `is_last`: all increments of the act's document
    are those of targets that were asked for.
    """

    collection: str
    act_id: Any
    target: int
    counted: str
    step: int
    actor: int = 0
    is_last: bool = True


def increment(of: int, what: str, step: int = 1) -> Document:
    """An element of `CounterSpec.field`."""
    return {"of": of, "what": what, "step": step}


async def pending_increments(
    mongo: Mongo, spec: CounterSpec, targets: Sequence[int], session: Any, *, limit: int = 0
) -> list[PendingIncrement]:
    """The increments of these targets; of each collection those of `limit` documents, 0 for all."""
    wanted, among, own = {"$in": list(targets)}, set(targets), spec.increments
    found = mongo.collection(own).find({"target": wanted}, session=session).limit(limit)
    pending = [PendingIncrement(own, row["_id"], row["target"], row["counted"], row["step"]) async for row in found]
    for name in spec.acts:
        query = {f"{spec.field}.of": wanted}
        fields = {spec.field: 1, **dict.fromkeys(_ACTORS.values(), 1)}
        async for row in mongo.collection(name).find(query, fields, session=session).limit(limit):
            actor = row[_ACTORS[name]] if name in _ACTORS else 0
            is_last = all(one["of"] in among for one in row[spec.field])
            pending += [
                PendingIncrement(name, row["_id"], one["of"], one["what"], one["step"], actor, is_last)
                for one in row[spec.field]
                if one["of"] in among
            ]
    return pending


def looked_up(row: Mapping[str, Any], spec: CounterSpec) -> Counter[str]:
    """Sums of the increments that `CounterSpec.pending_lookups` found for a document."""
    sums = Counter[str]()
    for name in (spec.increments, *spec.acts):
        for one in row[f"pending_{name}"]:
            sums[one["_id"]] += one["step"]
    return sums


def by_target(rows: Iterable[Document]) -> dict[int, tuple[Document, Counter[str]]]:
    """Each target's document with the sums of its increments; rows are from `CounterSpec.pending_unions`."""
    targets: dict[int, tuple[Document, Counter[str]]] = {}
    for row in rows:  # the targets come first
        if isinstance(row["_id"], int):
            targets[row["_id"]] = row, Counter()
        elif (found := targets.get(row["_id"]["of"])) is not None:
            found[1][row["_id"]["what"]] += row["step"]
    return targets


def with_pending(counts: Mapping[str, int], pending: Mapping[str, int]) -> dict[str, int]:
    """Stored counts plus the increments of the same snapshot."""
    totals = Counter(counts)
    totals.update(pending)
    return dict(totals)


def sum_by_target(pending: Iterable[PendingIncrement], score_weights: Mapping[str, int]) -> dict[int, dict[str, int]]:
    """For each target the sum to add to each of its fields, the score included."""
    totals = dict[int, Counter[str]]()
    for one in pending:
        steps = totals.setdefault(one.target, Counter())
        steps[f"counts.{one.counted}"] += one.step
        if one.counted in score_weights:
            steps["score"] += score_weights[one.counted] * one.step
    return {target: dict(steps) for target, steps in totals.items()}


def _lookup(
    collection: str, local: str, foreign: str, pipeline: list[Document], *, let: Document | None = None
) -> Document:
    found: Document = {"from": collection, "localField": local, "foreignField": foreign, "pipeline": pipeline}
    return {"$lookup": {**found, "as": f"pending_{collection}", **({} if let is None else {"let": let})}}


def _union(collection: str, pipeline: list[Document]) -> Document:
    return {"$unionWith": {"coll": collection, "pipeline": pipeline}}
