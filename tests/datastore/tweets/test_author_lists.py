"""Author lists: what the newest items of each author are, right after each change, whoever made it."""

import time
from collections.abc import AsyncIterator, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.ids import TweetId, UserId
from core.settings import Settings
from datastore.cache.pending_read import resolve_reads
from datastore.cache.row_codec import RowChange
from datastore.records.items import RetweetRecord
from datastore.stores import Stores, open_stores
from datastore.tweets.author_lists import AuthorList, ListChange
from tests.datastore.opened import delete_tweet, new_tweet, new_users, opened_stores

REDIS = ("server", "cluster")
KEPT = 4


def newest(ids: set[int], floor: int = 0) -> AuthorList:
    kept = sorted(ids, reverse=True)[:KEPT]
    return AuthorList(tuple(map(TweetId, kept)), kept[-1] if len(ids) > KEPT else floor)


@given(st.sets(st.integers(1, 20)), st.sets(st.integers(21, 40)), st.sets(st.integers(1, 40)), st.integers(0, 45))
def test_a_changed_list_never_misses_an_item_above_its_floor(
    stored: set[int], added: set[int], removed: set[int], before: int
) -> None:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("datastore.tweets.author_lists._KEPT", KEPT)
        changes = [RowChange(ListChange.ADDED, one, one) for one in added]
        changes += [RowChange(ListChange.REMOVED, one, 100 + one) for one in removed]
        changed = newest(stored).with_changes(changes)
    truth = sorted((stored | added) - removed, reverse=True)
    assert list(changed.ids) == [one for one in truth if one >= (changed.floor or 0)][: len(changed.ids)]
    assert [one for one in truth if one > changed.floor and one not in changed.ids] == []
    for place in (None, before):
        for limit in (1, 2, 5):
            wanted = [one for one in truth if place is None or one < place][:limit]
            assert changed.older(place, limit) in (None, tuple(wanted), wanted)
    if not changed.floor:
        assert list(changed.older(None, 50) or ()) == truth


@pytest.fixture
async def processes(store_database: str, redis_url: str) -> AsyncIterator[Sequence[Stores]]:
    async with (
        opened_stores(store_database, redis_url) as one,
        open_stores(Settings(mongo_url=store_database, redis_url=redis_url)) as other,
    ):
        yield one, other


async def ids_of(stores: Stores, author: UserId) -> list[int]:
    read = stores.tweets.author_lists.begin_read(author, time.monotonic())
    await resolve_reads(read)
    return list(read.found[author].ids)


async def test_every_writer_of_items_changes_the_list_for_all_processes_at_once(processes: Sequence[Stores]) -> None:
    writer, _ = processes
    alice, bob = await new_users(writer, "alice", "bob")
    expected: list[int] = []

    async def check() -> None:
        """Twice: from Redis, and from memory."""
        for stores in [*processes, *processes]:
            assert await ids_of(stores, alice) == expected

    await check()
    theirs = await new_tweet(writer, bob)
    own = await new_tweet(writer, alice)
    expected.insert(0, own.id)
    await check()
    await new_tweet(writer, alice, theirs)
    await check()
    thread = await new_tweet(writer, alice, own)
    expected.insert(0, thread.id)
    await check()
    retweets = [RetweetRecord(TweetId(writer.ids()), alice, one.id, one.author_id) for one in (theirs, own)]
    for retweet in retweets:
        assert await writer.tweets.retweets.insert(retweet)
        expected.insert(0, retweet.id)
        await check()
    assert await writer.tweets.retweets.delete(writer.ids(), alice, theirs.id)
    expected.remove(retweets[0].id)
    await check()
    await delete_tweet(writer, own)
    expected.remove(own.id)
    await check()
    assert await writer.tweets.retweets.delete_next_of(writer.ids(), own.id)
    expected.remove(retweets[1].id)
    await check()
    assert expected == [thread.id]


async def test_a_list_that_ends_leaves_the_rest_to_mongodb(
    processes: Sequence[Stores], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("datastore.tweets.author_lists._KEPT", KEPT)
    stores, other = processes
    (alice,) = await new_users(stores, "alice")
    tweets = [(await new_tweet(stores, alice)).id for _ in range(KEPT + 2)]
    read = other.tweets.author_lists.begin_read(alice, time.monotonic())
    await resolve_reads(read)
    found = read.found[alice]
    assert list(found.ids) == tweets[: -KEPT - 1 : -1]
    assert found.older(None, KEPT) == found.ids
    assert found.older(None, KEPT + 1) is None
    assert found.older(tweets[2], 1) is None
