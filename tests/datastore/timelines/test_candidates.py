"""Home timeline candidates: equal to the definition for every graph, at a cost independent of its size."""

from collections.abc import Callable, Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.ids import TweetId, UserId
from datastore.mongo.client import Document
from datastore.records.items import ItemRecord, RetweetRecord, TweetRecord
from datastore.stores import Stores
from datastore.timelines.home import Direction
from datastore.tweets.factory import to_document
from datastore.users.viewpoint_records import Viewpoint

ALICE, BOB = UserId(1), UserId(2)
PEOPLE = [UserId(number) for number in range(1, 7)]
TAGS = ["rook", "crow"]

people = st.sampled_from(PEOPLE)
Kind = tuple[UserId, UserId | None, UserId | None, tuple[str, ...]]
kinds = st.tuples(
    people,
    st.one_of(st.none(), people),
    st.one_of(st.none(), st.none(), people),
    st.sets(st.sampled_from(TAGS)).map(tuple),
)
items = st.lists(kinds, max_size=25).map(lambda found: [item_of(*kind, at=at) for at, kind in enumerate(found)])
views = st.builds(
    Viewpoint,
    st.just(ALICE),
    st.frozensets(st.sampled_from(PEOPLE[1:])),
    tags=st.frozensets(st.sampled_from(TAGS)),
)


def item_of(
    author: UserId, answered: UserId | None, retweeted: UserId | None, tags: tuple[str, ...], *, at: int
) -> ItemRecord:
    item_id = TweetId((1 << 62) + at)
    if retweeted is not None:
        return RetweetRecord(item_id, author, TweetId(at + 1), retweeted)
    parent = None if answered is None else TweetId(8)
    return TweetRecord(item_id, author, "caw", item_id, tags=tags, reply_to=parent, reply_to_author=answered)


def row_of(item: ItemRecord) -> Document:
    if isinstance(item, TweetRecord):
        return to_document(item)
    return {
        "_id": item.id,
        "author": item.author_id,
        "retweet_of": item.tweet_id,
        "retweet_of_author": item.tweet_author_id,
    }


async def fill(stores: Stores, stored: Sequence[ItemRecord]) -> None:
    tweets = stores.mongo.collection("tweets")
    await tweets.delete_many({})
    if stored:
        await tweets.insert_many([row_of(item) for item in stored])


def ids_of(found: Sequence[ItemRecord]) -> list[int]:
    return [item.id for item in found]


def belongs(view: Viewpoint, item: ItemRecord) -> bool:
    if isinstance(item, RetweetRecord):
        return item.author_id in view.circle
    if item.author_id in view.circle:
        return item.reply_to_author is None or item.reply_to_author in view.circle
    return item.reply_to_author is None and bool(view.tags & set(item.tags))


def belonging(view: Viewpoint, stored: Sequence[ItemRecord]) -> list[int]:
    """Newest first."""
    return [item.id for item in reversed(stored) if belongs(view, item)]


def neighbours(ids: Sequence[int], count: int, start: int | None, direction: Direction) -> list[int]:
    if direction is Direction.OLDER:
        return [item_id for item_id in ids if start is None or item_id < start][:count]
    return [item_id for item_id in ids if start is None or item_id > start][-count:]


@settings(max_examples=60)
@given(
    stored=items,
    view=views,
    count=st.integers(1, 30),
    start=st.one_of(st.none(), st.integers(-1, 26)),
    direction=st.sampled_from(Direction),
)
async def test_a_range_holds_what_the_definition_says(
    opened: Stores, stored: list[ItemRecord], view: Viewpoint, count: int, start: int | None, direction: Direction
) -> None:
    await fill(opened, stored)
    place = None if start is None else (1 << 62) + start
    found = (await opened.timelines.candidates.range(view, count, start=place, direction=direction)).items
    expected = neighbours(belonging(view, stored), count, place, direction)
    assert ids_of(found) == expected
    assert await opened.timelines.candidates.newest_ids(view, count) == belonging(view, stored)[:count]


@settings(max_examples=40)
@given(stored=items, view=views, newcomer=st.sampled_from(PEOPLE[1:]), count=st.integers(1, 30))
async def test_what_a_follow_brings_is_what_it_adds(
    opened: Stores, stored: list[ItemRecord], view: Viewpoint, newcomer: UserId, count: int
) -> None:
    await fill(opened, stored)
    without = Viewpoint(ALICE, view.followees - {newcomer})
    following = Viewpoint(ALICE, view.followees | {newcomer})
    brought = await opened.timelines.candidates.added_by(following.circle, newcomer, 100)
    assert set(belonging(following, stored)) - set(belonging(without, stored)) == set(brought)
    assert brought == sorted(brought, reverse=True)
    assert await opened.timelines.candidates.added_by(following.circle, newcomer, count) == brought[:count]
    assert await opened.timelines.candidates.added_by(without.circle, newcomer, count) == brought[:count]


@settings(max_examples=30)
@given(stored=items, view=views, authors=st.frozensets(st.sampled_from(PEOPLE[1:])), count=st.integers(1, 30))
async def test_fanout_on_read_and_tagged_items_come_newest_first(
    opened: Stores, stored: list[ItemRecord], view: Viewpoint, authors: frozenset[UserId], count: int
) -> None:
    await fill(opened, stored)
    view = Viewpoint(ALICE, view.followees | authors, fanout_on_read=authors)
    by_authors = [item for item in stored if item.author_id in authors]
    assert await opened.timelines.candidates.newest_fanout_on_read(view, count) == belonging(view, by_authors)[:count]
    tagged = [item for item in stored if isinstance(item, TweetRecord) and "rook" in item.tags]
    alone = [item.id for item in reversed(tagged) if item.reply_to_author is None]
    assert await opened.timelines.candidates.tagged("rook", count) == alone[:count]


async def test_items_come_whole(opened: Stores) -> None:
    stored = [item_of(ALICE, None, None, ("rook",), at=0), item_of(BOB, ALICE, None, (), at=1)]
    await fill(opened, stored)
    assert (await opened.timelines.candidates.range(Viewpoint(ALICE, frozenset({BOB})), 10)).items == stored[::-1]


FOLLOWEES = 400
EACH = 10


@pytest.fixture
async def many_items(opened: Stores) -> tuple[Viewpoint, list[ItemRecord]]:
    """Alice follows more authors than fit into one branch of a query; every third item is a reply."""
    everybody = [UserId(number) for number in range(2, FOLLOWEES + 102)]
    stored = []
    for at in range(EACH * len(everybody)):
        author = everybody[at * 7 % len(everybody)]
        answered = everybody[at * 13 % len(everybody)] if at % 3 == 0 else None
        stored.append(item_of(author, answered, None, ("rook",) if at % 50 == 0 else (), at=at))
    await fill(opened, stored)
    return Viewpoint(ALICE, frozenset(everybody[:FOLLOWEES])), stored


@pytest.mark.parametrize("tags", [frozenset[str](), frozenset({"rook"})])
@pytest.mark.parametrize("direction", list(Direction))
async def test_many_followees_make_no_difference(
    opened: Stores, many_items: tuple[Viewpoint, list[ItemRecord]], direction: Direction, tags: frozenset[str]
) -> None:
    view, stored = Viewpoint(ALICE, many_items[0].followees, tags=tags), many_items[1]
    expected = belonging(view, stored)
    for start in (None, expected[0], expected[700], expected[700] + 1, expected[-1], 0):
        found = (await opened.timelines.candidates.range(view, 50, start=start, direction=direction)).items
        assert ids_of(found) == neighbours(expected, 50, start, direction)
    assert await opened.timelines.candidates.newest_ids(view, 800) == expected[:800]


@pytest.mark.parametrize("direction", list(Direction))
async def test_a_page_costs_a_look_at_each_author_however_much_others_post(
    opened: Stores, direction: Direction, monkeypatch: pytest.MonkeyPatch
) -> None:
    followees = frozenset(UserId(number) for number in range(2, FOLLOWEES + 1))
    view, stranger = Viewpoint(ALICE, followees), UserId(FOLLOWEES + 1)
    authors = [*sorted(view.circle) * 3, *[stranger] * 4_000, *sorted(view.circle) * 3]
    await fill(opened, [item_of(author, None, BOB, (), at=at) for at, author in enumerate(authors)])
    start = (1 << 62) + len(authors) // 2

    asked = await branches_of(
        opened, lambda: opened.timelines.candidates.newest_ids(view, 20), monkeypatch
    ) + await branches_of(
        opened, lambda: opened.timelines.candidates.range(view, 20, start=start, direction=direction), monkeypatch
    )

    assert len(asked) == 6
    for branch in asked:
        plan, examined = await explained(opened, branch)
        assert plan & {"SORT", "COLLSCAN"} == set()
        assert "SORT_MERGE" in plan
        assert examined <= 150 + 20


async def test_a_hashtag_costs_no_more_than_its_page(opened: Stores, monkeypatch: pytest.MonkeyPatch) -> None:
    await fill(opened, [item_of(BOB, None, None, tuple(TAGS[at % 7 :]), at=at) for at in range(2_000)])
    view = Viewpoint(ALICE, frozenset(), tags=frozenset(TAGS))
    for branch in await branches_of(opened, lambda: opened.timelines.candidates.range(view, 20), monkeypatch):
        plan, examined = await explained(opened, branch)
        assert plan & {"SORT", "COLLSCAN"} == set()
        assert examined <= 60


async def branches_of(
    stores: Stores, ask: Callable[[], Any], monkeypatch: pytest.MonkeyPatch
) -> list[list[dict[str, Any]]]:
    """Branches of the query, each over one index."""
    asked: list[list[dict[str, Any]]] = []
    aggregate = type(stores.mongo).aggregate

    async def spy(self: Any, collection: str, pipeline: list[dict[str, Any]], **options: Any) -> Any:
        asked.append(pipeline)
        return await aggregate(self, collection, pipeline, **options)

    monkeypatch.setattr(type(stores.mongo), "aggregate", spy)
    await ask()
    monkeypatch.undo()
    (pipeline,) = asked
    unions = [stage["$unionWith"]["pipeline"] for stage in pipeline if "$unionWith" in stage]
    return [pipeline[:3], *unions]  # the first branch is a match, a sort and a limit


async def explained(stores: Stores, pipeline: list[dict[str, Any]]) -> tuple[set[str], int]:
    """Stage names of the winning plan, and the number of documents examined."""
    command = {"aggregate": "tweets", "pipeline": pipeline, "cursor": {}}
    plan = await stores.mongo.database.command("explain", command, verbosity="executionStats")
    while "executionStats" not in plan:
        plan = plan["stages"][0]["$cursor"]
    return set(stages_of(plan["queryPlanner"]["winningPlan"])), plan["executionStats"]["totalDocsExamined"]


def stages_of(plan: dict[str, Any]) -> list[str]:
    inner = [plan["queryPlan"]] if "queryPlan" in plan else [*plan.get("inputStages", [])]
    inner += [plan["inputStage"]] if "inputStage" in plan else []
    return [plan.get("stage", ""), *[stage for part in inner for stage in stages_of(part)]]
