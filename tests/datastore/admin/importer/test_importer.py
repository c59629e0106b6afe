"""Imports: the stored rows, idempotence, and no stale rows in caches afterwards."""

import asyncio
import signal
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from core.auth.passwords import hash_password, password_matches
from core.ids import TweetId, UserId, ms_of, time_of
from core.text.entities import extract_entities
from datastore.admin.importer.corpus import Corpus
from datastore.admin.importer.importer import HandleBlockedError, Importer, PhaseReport
from datastore.admin.importer.sentiment140 import parse_tweet
from datastore.admin.importer.sources import parse_edge, read_lines
from datastore.jobs.jobs import FanOut, Merge, MergeTag
from datastore.mongo.client import open_mongo
from datastore.rebuild import build_timeline
from datastore.records.items import TweetRecord
from datastore.records.users import AccountRecord, UserRecord
from datastore.stores import Stores, open_stores
from datastore.tweets.factory import build_tweet
from tests.datastore.admin.importer.imports import COLLECTIONS, FIRST, Files, command, dump, files_of, line, many
from tests.datastore.opened import indexed
from tests.support.service import settings_for
from tests.support.stores import Stores as SharedStores
from tests.support.waiting import POLL_SECONDS, eventually

FIRST_MS = int(FIRST.timestamp() * 1000)
PASSWORD = "correct horse"


async def test_people_tweets_and_follows_are_stored_as_posted_ones_are(
    opened: Stores, store_database: str, tmp_path: Path
) -> None:
    lines = [line(60, "Bob", "@Alice, @nobody #Rooks &amp; #rooks"), line(0, "alice", "MuriÃ³ ðŸ˜€")]
    await imported(opened, files_of(tmp_path, lines, ["0 1", "2 0"]))

    found = await dump(store_database)
    alice, user_2, bob = [user["_id"] for user in found["users"]]
    assert [(user["handle"], user["handle_key"], user["counts"]) for user in found["users"]] == [
        ("alice", "alice", {"followers": 1, "following": 0, "tweets": 1}),
        ("user_2", "user_2", {"followers": 0, "following": 1, "tweets": 0}),
        ("Bob", "bob", {"followers": 1, "following": 1, "tweets": 1}),
    ]
    assert [(ms_of(user) - FIRST_MS) // 1000 for user in (alice, user_2, bob)] == [-60, -60, 0]
    assert [(row["follower"], row["followee"]) for row in found["follows"]] == [(bob, alice), (user_2, bob)]
    first, second = found["tweets"]
    assert (time_of(first["_id"]), first["author"], first["text"]) == (FIRST, alice, "Murió 😀")
    assert (ms_of(second["_id"]), second["author"]) == (FIRST_MS + 60_000, bob)
    assert second["text"] == "@Alice, @nobody #Rooks & #rooks"
    assert (second["mentioned"], second["tags"]) == ([alice, None], ["rooks"])
    assert second["conversation"] == second["_id"]


async def test_imported_tweet_and_person_have_the_fields_of_others_and_nothing_to_fan_out(
    opened: Stores, store_database: str, tmp_path: Path
) -> None:
    await imported(opened, files_of(tmp_path, [line(0, "alice", "hello")]))
    carol = await registered(opened, "carol")
    tweet_id = TweetId(opened.ids())
    await opened.tweets.items.insert(
        build_tweet(tweet_id, carol, "hi", entities=extract_entities("hi"), mentioned_ids={})
    )

    found = await dump(store_database)
    (imported_user, other_user), (imported_tweet, posted) = found["users"], found["tweets"]
    assert imported_user.keys() == other_user.keys()
    assert imported_tweet.keys() == posted.keys() - {"fanout", "uncounted_users"}
    assert await opened.jobs.outbox.unfinished(-1_000, 10) == [FanOut(tweet_id, carol)]


async def test_tweets_of_one_instant_stand_as_in_the_file(opened: Stores, store_database: str, tmp_path: Path) -> None:
    texts = [f"tweet {number}" for number in range(50)]
    await imported(opened, files_of(tmp_path, [line(0, f"p{number % 7}", text) for number, text in enumerate(texts)]))
    found = await dump(store_database)
    assert [tweet["text"] for tweet in found["tweets"]] == texts
    assert {ms_of(tweet["_id"]) for tweet in found["tweets"]} == {FIRST_MS}


async def test_second_run_changes_nothing(opened: Stores, store_database: str, tmp_path: Path) -> None:
    files = many(tmp_path, people=60, tweets=300, readers=4)
    assert new(await imported(opened, files)) == {"people": 60, "tweets": 300, "follows": 236}
    before = await dump(store_database)
    assert new(await imported(opened, files)) == {"people": 0, "tweets": 0, "follows": 0}
    assert await dump(store_database) == before
    counts = Counter(tuple(user["counts"].values()) for user in before["users"])
    assert counts == {(3, 59, 5): 4, (4, 0, 5): 56}


async def test_import_killed_again_and_again_ends_like_one_that_was_not(
    stores: SharedStores, mongo_url: str, redis_url: str, tmp_path: Path
) -> None:
    files = many(tmp_path, people=4_100, tweets=4_100, readers=3)
    async with open_mongo(mongo_url) as mongo:
        for name in COLLECTIONS:
            collection = mongo.collection(name)
            async with command(mongo_url, redis_url, "import", *files.arguments) as process:
                await eventually(collection.estimated_document_count, within=60.0, longest_pause=POLL_SECONDS)
                process.kill()
                assert await process.wait() == -signal.SIGKILL

    with stores.fresh_database() as undisturbed_url, stores.long_transactions():
        for url in (mongo_url, undisturbed_url):
            await indexed(url)
            async with open_stores(settings_for(url, redis_url)) as opened:
                await imported(opened, files)
        found = await dump(mongo_url)
        assert [len(found[name]) for name in COLLECTIONS] == [4_100, 4_100, 12_297]
        assert found == await dump(undisturbed_url)


async def test_other_tweets_of_the_same_instants_are_all_there(
    opened: Stores, store_database: str, tmp_path: Path
) -> None:
    one = files_of(tmp_path / "one", [line(0, "alice", f"one {number}") for number in range(40)])
    other = files_of(tmp_path / "other", [line(0, "alice", f"other {number}") for number in range(40)])
    for files in (one, other, one, other):
        await imported(opened, files)
    found = await dump(store_database)
    assert sorted(tweet["text"] for tweet in found["tweets"]) == sorted(
        f"{name} {number}" for name in ("one", "other") for number in range(40)
    )
    assert {ms_of(tweet["_id"]) for tweet in found["tweets"]} == {FIRST_MS}
    assert {tweet["_id"] - tweet["conversation"] for tweet in found["tweets"]} == {0}
    assert found["users"][0]["counts"]["tweets"] == 80


async def test_line_that_was_repaired_is_added_alone(opened: Stores, store_database: str, tmp_path: Path) -> None:
    good = [line(0, "alice", "one"), line(0, "alice", "three")]
    await imported(opened, files_of(tmp_path, [good[0], "a bad line", good[1]]))
    await imported(opened, files_of(tmp_path, [good[0], line(0, "alice", "two"), good[1]]))
    found = await dump(store_database)
    assert sorted(tweet["text"] for tweet in found["tweets"]) == ["one", "three", "two"]


async def test_counts_are_right_whatever_they_were(opened: Stores, store_database: str, tmp_path: Path) -> None:
    files = files_of(tmp_path, [line(0, "alice", "hello"), line(9, "bob", "hi")], ["1 0"])
    await imported(opened, files)
    await opened.mongo.collection("users").update_many({}, {"$inc": {"counts.followers": 7, "counts.tweets": -3}})
    await imported(opened, files)
    assert [user["counts"] for user in (await dump(store_database))["users"]] == [
        {"followers": 1, "following": 0, "tweets": 1},
        {"followers": 0, "following": 1, "tweets": 1},
    ]


async def test_counts_stay_exact_beside_living_traffic(opened: Stores, tmp_path: Path) -> None:
    files = files_of(tmp_path, [line(0, "star", "hello")], ["0 1"])
    await imported(opened, files)
    (star,) = (await opened.users.accounts.ids_by_handle(["star"])).values()
    fans = [await registered(opened, f"fan_{number}") for number in range(30)]

    async def follow_all() -> None:
        for fan in fans:
            await opened.users.follows.insert(Merge(opened.ids(), fan, star))

    async with asyncio.TaskGroup() as group:
        group.create_task(follow_all())
        for _ in range(3):
            group.create_task(imported(opened, files))
    assert await opened.users.counts.follower_count(star) == 30


async def test_person_who_registered_gets_the_tweets_and_keeps_the_password(opened: Stores, tmp_path: Path) -> None:
    alice = await registered(opened, "alice")
    await imported(opened, files_of(tmp_path, [line(0, "ALICE", "of old"), line(0, "bob", "hi")]), "another password")
    assert await opened.users.accounts.ids_by_handle(["alice"]) == {"alice": alice}
    assert [text_of(item) for item in await opened.tweets.items.by_author(alice, None, 9, with_replies=True)] == [
        "of old"
    ]
    assert await signs_in(opened, "alice", PASSWORD)
    assert await signs_in(opened, "bob", "another password")


async def test_without_password_nobody_signs_in_and_a_later_one_is_set(opened: Stores, tmp_path: Path) -> None:
    files = files_of(tmp_path, [line(0, "alice", "hello")])
    await imported(opened, files)
    assert not await signs_in(opened, "alice", "")
    await imported(opened, files, PASSWORD)
    assert await signs_in(opened, "alice", PASSWORD)
    await imported(opened, files)
    assert await signs_in(opened, "alice", PASSWORD)


async def test_handle_that_can_not_be_had_is_told(opened: Stores, tmp_path: Path) -> None:
    alice = await registered(opened, "alice")
    await opened.mongo.collection("users").update_one({"_id": alice}, {"$set": {"is_deleted": True}})
    with pytest.raises(HandleBlockedError, match=r"^accounts that can't be made at the moment: alice$"):
        await imported(opened, files_of(tmp_path, [line(0, "alice", "hello")]))


async def test_lists_and_cached_rows_of_before_are_replaced(opened: Stores, tmp_path: Path) -> None:
    await imported(opened, files_of(tmp_path / "one", [line(0, "alice", "first"), line(1, "bob", "second")]))
    ids = await opened.users.accounts.ids_by_handle(["alice", "bob"])
    alice, bob = ids["alice"], ids["bob"]
    assert await built(opened, bob) == ["second"]
    assert (await opened.users.viewpoints.get(bob)).followees == frozenset()
    assert (await opened.users.counts.get_many([alice]))[0].followers == 0
    head = await opened.timelines.home_log.position(bob)

    more = [line(0, "alice", "first"), line(1, "bob", "second"), line(-5, "alice", "before")]
    await imported(opened, files_of(tmp_path / "two", more, ["1 0"]))

    assert await texts_of(opened, bob) == ["second", "first", "before"]
    assert (await opened.users.viewpoints.get(bob)).followees == {alice}
    assert (await opened.users.counts.get_many([alice]))[0].followers == 1
    assert [change.kind for change in (await opened.timelines.home_log.range(bob, head, 9)).changes or []] == ["reset"]


async def test_list_of_an_author_who_follows_nobody_is_replaced_where_there_is_one(
    opened: Stores, tmp_path: Path
) -> None:
    await imported(opened, files_of(tmp_path / "one", [line(0, "alice", "first"), line(1, "bob", "second")]))
    ids = await opened.users.accounts.ids_by_handle(["alice", "bob"])
    assert await built(opened, ids["alice"]) == ["first"]
    await imported(opened, files_of(tmp_path / "two", [line(2, "alice", "third"), line(3, "bob", "fourth")]))
    assert await texts_of(opened, ids["alice"]) == ["third", "first"]
    assert await opened.timelines.home.existing_among(list(ids.values())) == [ids["alice"]]


async def test_lists_of_others_who_follow_imported_people_or_tags_are_rebuilt(opened: Stores, tmp_path: Path) -> None:
    await imported(opened, files_of(tmp_path / "one", [line(0, "alice", "first")]))
    (alice,) = (await opened.users.accounts.ids_by_handle(["alice"])).values()
    fan, reader, stranger = [await registered(opened, name) for name in ("fan", "reader", "stranger")]
    await opened.users.follows.insert(Merge(opened.ids(), fan, alice))
    await opened.trends.hashtags.follow(MergeTag(opened.ids(), reader, "rooks"), "rooks")
    assert [await built(opened, person) for person in (fan, reader, stranger)] == [["first"], [], []]
    await imported(opened, files_of(tmp_path / "two", [line(0, "alice", "first"), line(3, "alice", "more #Rooks")]))
    assert await texts_of(opened, fan) == ["more #Rooks", "first"]
    assert await texts_of(opened, reader) == ["more #Rooks"]
    assert await texts_of(opened, stranger) == []


def corpus_of(files: Files) -> Corpus:
    tweets = read_lines(files.tweets, parse_tweet, lambda _: None)
    return Corpus.of(tweets, read_lines(files.graph, parse_edge, lambda _: None), undirected=False)


async def imported(stores: Stores, files: Files, password: str | None = None) -> list[PhaseReport]:
    importer = Importer(stores, unwatched)
    await importer.run(corpus_of(files), password)
    return importer.reports


@contextmanager
def unwatched(_: str, __: int) -> Iterator[Callable[[int], object]]:
    yield lambda _: None


def new(reports: list[PhaseReport]) -> dict[str, int]:
    return {report.phase: report.new for report in reports if report.new is not None}


async def registered(stores: Stores, handle: str) -> UserId:
    user_id = UserId(stores.ids())
    account = AccountRecord(UserRecord(user_id, handle, handle), f"{handle}@example.org", hash_password(PASSWORD))
    await stores.users.accounts.insert(account)
    return user_id


async def signs_in(stores: Stores, handle: str, password: str) -> bool:
    account = await stores.users.accounts.account_by_login(handle)
    assert account is not None
    return password_matches(account.password_hash, password)


async def built(stores: Stores, user_id: UserId) -> list[str]:
    assert await build_timeline(stores, user_id)
    return await texts_of(stores, user_id)


async def texts_of(stores: Stores, user_id: UserId) -> list[str]:
    """Texts of the tweets in the person's home list."""
    ids = [TweetId(item_id) for item_id in await stores.timelines.home.ids(user_id)]
    return [text_of(item) for item in await stores.tweets.items.get_many(ids)]


def text_of(item: object) -> str:
    assert isinstance(item, TweetRecord)
    return item.text
