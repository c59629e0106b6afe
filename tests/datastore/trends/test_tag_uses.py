"""Uses of hashtags, read from their index alone, and the spelling of a hashtag."""

import pytest

from core.ids import wall_ms
from core.trends.scoring import DAY_MS, Use
from datastore.stores import Stores
from tests.datastore.admin.test_indexes import profile
from tests.datastore.opened import new_users
from tests.support.scenarios.timelines.hashtags import use_tags


async def test_uses_come_from_the_index_alone_oldest_first_and_the_newest_of_many(opened: Stores) -> None:
    now, (alice, bob) = wall_ms(), await new_users(opened, "alice", "bob")
    at = [now - 2 * DAY_MS, now - 300, now - 200, now - 100]
    await use_tags(opened, [(alice, "#Rook", at[0]), (bob, "#rook #crow", at[1]), (alice, "#rook", at[2])])
    await use_tags(opened, [(alice, "#rook", at[3]), (bob, "#crow", at[3])])
    assert await opened.trends.tag_uses.of_tag("rook", now - DAY_MS, 9) == [
        Use(at[1], bob),
        Use(at[2], alice),
        Use(at[3], alice),
    ]
    assert await opened.trends.tag_uses.of_tag("rook", now - DAY_MS, 2) == [Use(at[2], alice), Use(at[3], alice)]
    rows = await profile(opened, [lambda: opened.trends.tag_uses.of_tag("rook", now - DAY_MS, 9)])
    assert [(row["keysExamined"], row["docsExamined"]) for row in rows] == [(0, 0), (3, 0)]


async def test_removed_tweets_are_no_uses(opened: Stores) -> None:
    now, (alice, bob) = wall_ms(), await new_users(opened, "alice", "bob")
    ids = await use_tags(
        opened, [(one, "#Rook", now - 100 + place) for place, one in enumerate((alice, bob, alice, bob))]
    )
    uses, tweets = opened.trends.tag_uses, opened.mongo.collection("tweets")
    await tweets.update_many({"_id": {"$in": ids[2:]}}, {"$set": {"removed": 7}})
    assert await uses.of_tag("rook", now - DAY_MS, 2) == [Use(now - 100, alice), Use(now - 99, bob)]
    assert await uses.by_accounts([alice], ["rook"], now - DAY_MS, now) == {"rook": [Use(now - 100, alice)]}
    assert [use.author_id for use in await uses.beginning_with("ro", now - DAY_MS, 9)] == [bob, alice]
    rows = await profile(opened, [lambda: uses.of_tag("rook", now - DAY_MS, 9)])
    assert [row["docsExamined"] for row in rows] == [0, 0]
    sketches = opened.trends.tag_sketches
    assert await sketches.admit(["rook"], now) == ["rook"]
    await sketches.catch_up("rook", now)
    assert sum((await sketches.of_tag("rook", now)).tweets) == 2
    await tweets.update_many({}, {"$unset": {"removed": 1}})
    await sketches.miscounted(["rook"])
    await sketches.admit(["rook"], now)
    await sketches.catch_up("rook", now)
    assert sum((await sketches.of_tag("rook", now)).tweets) == 4


async def test_newest_tagged_tweets_are_those_between_two_instants(opened: Stores) -> None:
    now, (alice,) = wall_ms(), await new_users(opened, "alice")
    texts = ["#a", "nothing", "#b #a", "#c", "#d"]
    ids = await use_tags(opened, [(alice, text, now + 10 * place) for place, text in enumerate(texts)])
    found = await opened.trends.tag_uses.newest(now, now + 40, 2)
    assert [(tweet.tweet_id, tweet.tags) for tweet in found] == [(ids[3], ("c",)), (ids[2], ("b", "a"))]
    (asked,) = await profile(opened, [lambda: opened.trends.tag_uses.newest(now, now + 40, 9)])
    assert asked["docsExamined"] <= 4


async def test_uses_by_some_are_theirs_alone_within_the_time(opened: Stores) -> None:
    now, (alice, bob) = wall_ms(), await new_users(opened, "alice", "bob")
    uses = [(alice, "#a #b", now - 5), (bob, "#a", now - 5), (alice, "#a", now - 10), (alice, "#a", now + 1)]
    await use_tags(opened, uses)
    assert await opened.trends.tag_uses.by_accounts([alice], ["a", "b", "c"], now - 10, now) == {
        "a": [Use(now - 5, alice)],
        "b": [Use(now - 5, alice)],
        "c": [],
    }


@pytest.mark.parametrize("protected", [False, True])
async def test_spelling_is_that_of_most_public_tweets(opened: Stores, protected: bool) -> None:
    now, (alice, bob) = wall_ms(), await new_users(opened, "alice", "bob")
    assert await opened.trends.tag_uses.spelling("cafe") is None
    await use_tags(opened, [(alice, "#Café", now), (bob, "#CAFE #cafés", now), (bob, "#CAFE", now)])
    await opened.users.accounts.update_profile(bob, {"is_protected": protected})
    assert await opened.trends.tag_uses.spelling("cafe") == ("Café" if protected else "CAFE")
