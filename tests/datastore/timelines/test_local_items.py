"""Items from the memory of a process: as rules and rows say at this moment, whatever another process changed."""

import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass

import pytest

from core.ids import MediaId, TweetId, UserId
from core.settings import Settings
from datastore.hydration import hydrate_ids, judged_items
from datastore.media.records import MediaRecord, MediaState, Processed
from datastore.media.store import Claim
from datastore.records.items import RetweetRecord, TweetRecord
from datastore.stores import Stores, open_stores
from datastore.timelines.local_items import Judge, LocalItems, judge_home, judge_profile
from datastore.timelines.rules import HydratedItem, Reason, home_reason, may_see
from datastore.tweets.viewer_state import Interaction
from datastore.users.viewpoint_records import ANONYMOUS, Viewpoint
from tests.datastore.opened import delete_tweet, new_tweet, new_users, opened_stores
from tests.support.waiting import eventually

REDIS = ("server", "cluster")
VIEWPOINTS = 60


@dataclass(frozen=True, slots=True)
class Scene:
    """Two processes on the same stores; people, of whom the last is protected; items, newest first."""

    reader: Stores
    writer: Stores
    settings: Settings
    people: Sequence[UserId]
    tweets: Sequence[TweetRecord]
    retweet: RetweetRecord

    gone: set[TweetId]

    @property
    def ids(self) -> list[TweetId]:
        found = {*[tweet.id for tweet in self.tweets], self.retweet.id} - self.gone
        return sorted(found, reverse=True)

    async def judged(self, view: Viewpoint, judge: Judge = judge_home) -> list[object] | None:
        found = await self.reader.local_items.judged(view, self.ids, time.monotonic(), judge)
        return None if found is None else [shown_of(item.shown, item.reason) for item in found]

    async def warm(self, view: Viewpoint) -> None:
        """Brings all rows into the memory of the reader; those under a tombstone when it has gone."""

        async def is_warm() -> bool:
            await hydrate_ids(self.reader, view, self.ids)
            return await self.judged(view) is not None

        await eventually(is_warm)

    async def stored(self) -> set[TweetId]:
        found = await self.writer.tweets.items.get_many(self.ids)
        return {item.id for item in found if item is not None}

    async def by_definition(self, view: Viewpoint, judge: Judge = judge_home) -> list[object]:
        """As a process answers that has nothing in memory."""
        async with open_stores(self.settings) as fresh:
            return list(judged_by_definition(await hydrate_ids(fresh, view, self.ids), view, judge))


def judged_by_definition(items: Iterable[HydratedItem | None], view: Viewpoint, judge: Judge) -> Iterable[object]:
    for shown in items:
        if shown is not None:
            reason = (
                home_reason(view, shown) if judge is judge_home else Reason.PROFILE if may_see(view, shown) else None
            )
            if reason is not None:
                yield shown_of(shown, reason)


def shown_of(shown: HydratedItem, reason: Reason) -> object:
    """All that is presented."""
    return shown.item, shown.tweet, shown.author, shown.counts, shown.viewer_state, shown.poster, reason


@pytest.fixture
async def scene(store_database: str, redis_url: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Scene]:
    monkeypatch.setattr("datastore.cache.rows._TOMBSTONE_MS", 300)
    settings = Settings(mongo_url=store_database, redis_url=redis_url)
    async with AsyncExitStack() as stack:
        writer = await stack.enter_async_context(opened_stores(store_database, redis_url))
        reader = await stack.enter_async_context(open_stores(settings))
        people = await new_users(writer, "alice", "bob", "carol", "dave")
        alice, bob, carol, dave = people
        await writer.users.accounts.update_profile(dave, {"is_protected": True})
        tweets = [await new_tweet(writer, author) for author in people]
        tweets += [await new_tweet(writer, alice, tweets[1]), await new_tweet(writer, bob, tweets[3])]
        retweet = RetweetRecord(TweetId(writer.ids()), bob, tweets[0].id, alice)
        assert await writer.tweets.retweets.insert(retweet)
        await writer.tweets.likes.like(writer.ids(), carol, tweets[0].id)
        yield Scene(reader, writer, settings, people, tweets, retweet, set())


async def test_items_in_memory_are_judged_as_rules_judge_rows(scene: Scene) -> None:
    dice = random.Random(1)

    def some() -> frozenset[UserId]:
        return frozenset(dice.sample(scene.people, dice.choice((0, 0, 1, 2))))

    views = [ANONYMOUS] + [
        Viewpoint(
            dice.choice(scene.people),
            frozenset(dice.sample(scene.people, dice.randrange(5))),
            some(),
            some(),
            some(),
            dice.choice(((), (), ("tweet",), ("nothing",))),
        )
        for _ in range(VIEWPOINTS)
    ]
    for viewer in scene.people:
        await scene.warm(Viewpoint(viewer))
    admitted = 0
    for view in views:
        hydrated = await hydrate_ids(scene.writer, view, scene.ids)
        for judge in (judge_home, judge_profile):
            found = await scene.judged(view, judge)
            assert found == list(judged_by_definition(hydrated, view, judge)), (view, judge)
            admitted += len(found or ())
    assert admitted > VIEWPOINTS


async def others_like(scene: Scene) -> None:
    await scene.writer.tweets.likes.like(scene.writer.ids(), scene.people[1], scene.tweets[0].id)


async def viewer_likes(scene: Scene) -> None:
    dave, tweet_id, act_id = scene.people[3], scene.tweets[0].id, scene.writer.ids()
    await scene.writer.tweets.likes.like(act_id, dave, tweet_id)
    await scene.writer.tweets.viewer_state.interacted(dave, Interaction.LIKE, tweet_id, act_id)


async def viewer_bookmarks(scene: Scene) -> None:
    assert await scene.writer.tweets.bookmarks.insert(scene.writer.ids(), scene.people[3], scene.tweets[1].id)
    await scene.writer.tweets.viewer_state.invalidate(scene.people[3])


async def carol_is_renamed(scene: Scene) -> None:
    await scene.writer.users.accounts.update_profile(scene.people[2], {"name": "Caroline"})


async def carol_retweeted_before_bob(scene: Scene) -> None:
    """The timeline shows the first of two retweets."""
    alice, _, carol, _ = scene.people
    earlier = RetweetRecord(TweetId(scene.retweet.id - 1), carol, scene.tweets[0].id, alice)
    assert await scene.writer.tweets.retweets.insert(earlier)


async def bob_unretweets(scene: Scene) -> None:
    assert await scene.writer.tweets.retweets.delete(scene.writer.ids(), scene.people[1], scene.tweets[0].id)


async def bob_deletes(scene: Scene) -> None:
    await delete_tweet(scene.writer, scene.tweets[1])


async def alice_is_protected(scene: Scene) -> None:
    await scene.writer.users.accounts.update_profile(scene.people[0], {"is_protected": True})


ACTS: list[Callable[[Scene], Awaitable[None]]] = [
    others_like,
    viewer_likes,
    viewer_bookmarks,
    carol_is_renamed,
    carol_retweeted_before_bob,
    bob_unretweets,
    bob_deletes,
    alice_is_protected,
]


async def test_what_another_process_changed_is_seen_by_the_very_next_answer(scene: Scene) -> None:
    _, bob, carol, dave = scene.people
    view, judges = Viewpoint(dave, frozenset({bob, carol})), (judge_home, judge_profile)
    for act in ACTS:
        await scene.warm(view)
        before = [await scene.judged(view, judge) for judge in judges]
        await act(scene)
        after = [await scene.judged(view, judge) for judge in judges]
        expected = [await scene.by_definition(view, judge) for judge in judges]
        assert before != expected, act.__name__
        for found, wanted in zip(after, expected, strict=True):
            assert found in (None, wanted), act.__name__
        scene.gone.update(set(scene.ids) - await scene.stored())


async def test_pictures_come_with_items_and_as_they_are_at_the_very_next_answer(scene: Scene) -> None:
    alice, _, _, dave = scene.people
    media_id, tweet_id = MediaId(scene.writer.ids()), scene.tweets[0].id
    items, view = scene.writer.media.items, Viewpoint(dave, frozenset(scene.people[:3]))
    await items.insert(MediaRecord(media_id, alice, MediaState.PROCESSING, "image/png", 1, "", "secret", "a field"))
    assert await items.claim([media_id], Claim(alice, tweet_id, tweet_id))
    await scene.writer.mongo.collection("tweets").update_one({"_id": tweet_id}, {"$set": {"media": [media_id]}})
    await scene.writer.tweets.items.invalidate(tweet_id)
    ids = [tweet_id, scene.retweet.id]

    async def shown() -> list[object]:
        found = await scene.reader.local_items.judged(view, ids, time.monotonic(), judge_profile)
        assert found is not None
        return [one.shown.media for one in found]

    async def until_shown(media: object) -> None:
        """Once whoever presents pictures has read them; items are the same until a row changes."""

        async def is_shown() -> bool:
            await scene.reader.media.items.get_many([media_id])
            return await shown() == [media, media]

        await eventually(is_shown)

    await scene.warm(view)
    assert await shown() == [None, None]
    for act in (
        lambda: items.processed(media_id, Processed(40, 30, "blurhash", ())),
        lambda: items.describe(media_id, alice, "a rook"),
        lambda: items.remove(media_id),
    ):
        (before,) = await items.get_many([media_id])
        await until_shown((before,))
        await act()
        assert await shown() == [None, None]
    assert await items.get_many([media_id]) == [None]
    await until_shown(None)


async def test_memory_is_bounded_and_items_of_one_viewer_state_are_one_object(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    view = Viewpoint(scene.people[3], frozenset(scene.people[:3]))
    await scene.warm(view)
    one, other = [
        await scene.reader.local_items.judged(view, scene.ids, time.monotonic(), judge_home) for _ in range(2)
    ]
    assert one
    assert other
    assert all(first is second for first, second in zip(one, other, strict=True))
    monkeypatch.setattr("datastore.timelines.local_items.MOST_ITEMS", 2)
    fresh = LocalItems(scene.reader.tweets, scene.reader.users.accounts, scene.reader.media.items)
    assert await fresh.judged(view, scene.ids, time.monotonic(), judge_home)
    assert len(fresh) == 2


async def test_rows_that_left_the_memory_are_read_alone_and_equal_items_keep_their_objects(scene: Scene) -> None:
    view, since = Viewpoint(scene.people[3], frozenset(scene.people[:3])), time.monotonic()
    await scene.warm(view)
    local = scene.reader.local_items
    before = await local.judged(view, scene.ids, since, judge_home)
    lost = [scene.tweets[0].id, scene.tweets[1].id]
    scene.reader.tweets.counts.rows.local.remove(lost)
    for item in local._items.values():  # noqa: SLF001 - as time does it
        item.expires_at = since
    assert set(local.absent(scene.ids)) == {*lost, scene.retweet.id}
    assert await local.judged(view, scene.ids, since, judge_home) is None

    after = await judged_items(scene.reader, view, scene.ids, since, judge_home)

    assert before
    assert after
    assert all(one is other for one, other in zip(before, after, strict=True))
