"""Indexes: made again without harm, guarding what is unique, and used by every query that the stores make."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import pytest
from pymongo.errors import DuplicateKeyError

from core.devices import UNKNOWN_DEVICE
from core.ids import SessionId, TweetId, UserId, wall_ms
from core.tokens import REFRESH_LIFETIME, utc_now
from datastore.indexes import INDEXES, make_indexes
from datastore.items import TweetRecord
from datastore.jobs import ActKind, FanOut, Merge, Notify, Unmerge, Withdraw
from datastore.notifications import NotificationFilter
from datastore.stores import Stores
from datastore.timelines import ItemKind
from datastore.tweets import PostKey
from datastore.viewpoints import Viewpoint
from tests.datastore.opened import follow, new_tweet, new_users


async def index_names(stores: Stores) -> dict[str, list[str]]:
    return {name: sorted(await stores.mongo.collection(name).index_information()) for name in INDEXES}


async def test_making_the_indexes_again_changes_nothing(opened: Stores) -> None:
    await make_indexes(opened.mongo)
    before = await index_names(opened)
    await make_indexes(opened.mongo)
    assert await index_names(opened) == before
    assert {name: len(names) for name, names in before.items()} == {
        name: len(indexes) + 1 for name, indexes in INDEXES.items()
    }


PAIR: dict[str, Any] = {"user": 1, "target": 2}


@pytest.mark.parametrize(
    ("collection", "row"),
    [
        ("users", {"handle_key": "alice"}),
        ("users", {"email_key": "alice@example.org"}),
        ("follows", {"follower": 1, "followee": 2}),
        ("tweets", {"author": 1, "retweet_of": 2}),
        ("tag_follows", {"user": 1, "tag": "rook"}),
        *[(name, PAIR) for name in ("likes", "bookmarks", "blocks", "mutes", "follow_requests")],
    ],
)
async def test_what_is_unique_stays_so(opened: Stores, collection: str, row: dict[str, Any]) -> None:
    other = {key: f"{value}!" for key, value in {"handle_key": 1, "email_key": 1}.items() if collection == "users"}
    await opened.mongo.collection(collection).insert_one({"_id": 1, **row})
    with pytest.raises(DuplicateKeyError):
        await opened.mongo.collection(collection).insert_one({"_id": 2, **other, **row})
    assert await opened.mongo.collection(collection).count_documents({}) == 1


async def test_an_author_has_many_tweets_that_are_no_retweets(opened: Stores) -> None:
    tweets = opened.mongo.collection("tweets")
    await tweets.insert_many([{"_id": number, "author": 1} for number in range(3)])
    assert await tweets.count_documents({"author": 1}) == 3


Ask = Callable[[], Awaitable[object]]


async def test_no_store_reads_much_more_than_it_answers(opened: Stores) -> None:
    await fill_with_strangers(opened)
    alice, bob = await new_users(opened, "alice", "bob")
    tweet = await new_tweet(opened, alice)
    await follow(opened, alice, bob)
    await opened.sessions.insert(SessionId(opened.ids()), alice, UNKNOWN_DEVICE)
    await fill_with_strangers(opened)

    profiled = await profile(opened, asks_of(opened, alice, bob, tweet))

    planned = [row for row in profiled if "planSummary" in row]
    assert len(planned) > 40
    costly = [row for row in planned if row.get("docsExamined", 0) > 20 or row.get("keysExamined", 0) > 50]
    assert [(row["ns"], row["planSummary"], row["command"]) for row in costly] == []
    assert [row["planSummary"] for row in planned if "COLLSCAN" in row["planSummary"]] == []
    # The hashtags that somebody follows are answered whole, and sorted in memory.
    sorting = [row["command"] for row in planned if row.get("hasSortStage") and not row["ns"].endswith("tag_follows")]
    assert sorting == []


async def fill_with_strangers(stores: Stores, count: int = 150) -> None:
    """Rows of all sorts by others, so that it shows who looks through them."""
    ids = [stores.ids() for _ in range(count)]
    rows: dict[str, Callable[[int], dict[str, Any]]] = {
        "users": lambda n: {"handle_key": f"s{n}", "email_key": f"s{n}", "is_merged": True},
        "sessions": lambda n: {"user": n, "last_used_at": utc_now(), "expires_at": utc_now() + REFRESH_LIFETIME},
        "follows": lambda n: {"follower": n, "followee": n + 1},
        "tweets": lambda n: {
            "author": n,
            "reply_to": n,
            "reply_to_author": n,
            "quoted": n,
            "tags": ["crow"],
            "score": 0,
        },
        "likes": lambda n: {"user": n, "target": n},
        "blocks": lambda n: {"user": n, "target": n},
        "mutes": lambda n: {"user": n, "target": n},
        "notifications": lambda n: {"user": n, "kind": "LIKE", "tweet": n, "last": n, "is_read": False},
        "notification_acts": lambda n: {"user": n, "act": n, "actor": n, "group": n, "tweet": n},
        "notification_states": lambda n: {"at": n, "version": 1},
        "tag_follows": lambda n: {"user": n, "tag": "crow"},
        "post_keys": lambda _: {"at": utc_now()},
    }
    for name, row_of in rows.items():
        await stores.mongo.collection(name).insert_many([{"_id": id_, **row_of(id_)} for id_ in ids])


async def profile(stores: Stores, asks: Sequence[Ask]) -> list[dict[str, Any]]:
    """What MongoDB says of each operation that was asked of it."""
    database = stores.mongo.database
    await database.command("profile", 2)
    try:
        for ask in asks:
            await ask()
        await database.command("profile", 0)
        return [row async for row in database["system.profile"].find()]
    finally:
        await database.command("profile", 0)
        await database.drop_collection("system.profile")


def asks_of(stores: Stores, alice: UserId, bob: UserId, tweet: TweetRecord) -> list[Ask]:
    session, liked = SessionId(1), stores.ids()
    return [
        lambda: stores.users.get_many([alice, bob]),
        lambda: stores.users.counts_of([alice, bob]),
        lambda: stores.users.about_followers(alice),
        lambda: stores.users.ids_by_handle(["alice"]),
        lambda: stores.users.taken("alice", "alice@example.org"),
        lambda: stores.users.account_by_login("alice"),
        lambda: stores.users.account_by_login("alice@example.org"),
        lambda: stores.users.update_profile(alice, {"name": "A"}),
        lambda: stores.users.is_merged(alice),
        lambda: anext(stores.users.id_pages(10)),
        lambda: stores.sessions.get(session),
        lambda: stores.sessions.of_user(alice),
        lambda: stores.sessions.rotate(session, 0),
        lambda: stores.sessions.delete(session),
        lambda: stores.follows.followees(alice),
        lambda: stores.follows.followers(bob, None, 10),
        lambda: stores.follows.followers(bob, stores.ids(), 10),
        lambda: stores.follows.following(alice, None, 10),
        lambda: anext(stores.follows.follower_pages(bob, 10)),
        lambda: stores.follows.followed_among(alice, [bob]),
        lambda: stores.follows.followers_among(bob, [alice]),
        lambda: stores.tweets.get_many([tweet.id]),
        lambda: stores.tweets.counts_of([tweet.id]),
        lambda: stores.tweets.by_author(alice, None, 10, with_replies=True),
        lambda: stores.tweets.by_author(alice, tweet.id, 10, with_replies=False),
        lambda: stores.tweets.posted_under(PostKey(alice, "key", b"")),
        lambda: stores.tweets.ancestor_ids(tweet.id),
        lambda: stores.viewpoints.current(alice),
        lambda: stores.outbox.unfinished(-1_000, 10),
        lambda: stores.outbox.posts_since(0, 0, 10),
        lambda: stores.outbox.finish(FanOut(tweet.id)),
        lambda: stores.outbox.give_up(FanOut(tweet.id)),
        lambda: stores.outbox.finish(Merge(stores.ids(), alice, bob)),
        lambda: stores.likes.like(liked, bob, tweet.id),
        lambda: stores.likes.targets(alice, None, 10),
        lambda: stores.likes.sources(tweet.id, None, 10),
        lambda: stores.likes.targets_among(alice, [tweet.id]),
        lambda: stores.retweets.of_tweet(tweet.id, None, 10),
        lambda: stores.retweets.logs([tweet.id]),
        lambda: stores.retweets.retweeted_among(alice, [tweet.id]),
        lambda: stores.threads.replies(tweet.id, None, 10),
        lambda: stores.threads.quotes(tweet.id, None, 10),
        lambda: stores.threads.top_replies(tweet.id, None, 10),
        lambda: stores.hashtags.followed_by(alice),
        lambda: stores.candidates.tagged("rook", 10),
        lambda: stores.candidates.range(Viewpoint(alice, frozenset({bob})), 10),
        lambda: stores.candidates.brought_by(Viewpoint(alice, frozenset({bob})), bob, 10),
        *[
            lambda chosen=chosen: stores.notifications.range(alice, chosen, (None, 10), without=[bob])
            for chosen in NotificationFilter
        ],
        lambda: stores.notifications.get(alice, 1, without=()),
        lambda: stores.notifications.news_of(alice, 0),
        lambda: stores.notifications.changed_since(wall_ms(), alice, 10),
        lambda: stores.notices.apply(Notify(liked, ActKind.LIKE, bob, tweet.id)),
        lambda: stores.notifications.mark_read(stores.ids(), alice, None),
        lambda: stores.likes.unlike(bob, tweet.id),
        lambda: stores.notices.apply(Notify(liked, ActKind.LIKE, bob, tweet.id, is_undone=True)),
        lambda: stores.notices.forget_person(bob),
        lambda: stores.follows.delete(Unmerge(stores.ids(), alice, bob)),
        lambda: stores.tweets.delete(Withdraw(stores.ids(), TweetId(tweet.id), alice, ItemKind.TWEET)),
    ]
