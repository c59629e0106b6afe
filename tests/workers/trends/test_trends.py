"""Trends snapshot: exact, computed by one worker, computed again after any loss, in bounded memory."""

import asyncio
import random

import pytest
from msgspec import structs

from core.ids import TweetId, UserId, wall_ms
from core.trends.scoring import HOUR_MS, Figures
from datastore.jobs.jobs import DeleteAccount, PublishEdit, Retract
from datastore.records.items import ItemKind, TweetRecord
from datastore.redis import trend_keys
from datastore.stores import Stores
from datastore.trends.hourly_usage import MAX_TAGS, PAST_HOURS
from datastore.trends.snapshots import Snapshot
from tests.datastore.opened import new_users
from tests.support.scenarios.timelines.hashtags import MINUTE_MS, trends_by_definition, use_tag, use_tags
from tests.support.waiting import eventually
from workers.accounts import delete_account
from workers.trends.trends import TrendsWorker


async def trending(stores: Stores, trends: TrendsWorker | None = None) -> dict[str, tuple[float, int, int]]:
    """Score, tweets and accounts of each hashtag in the next snapshot."""
    if trends is None:
        await stores.redis.delete(trend_keys.trends_lease())
    assert await (trends or TrendsWorker(stores.trends, stores.users.accounts)).publish_snapshot()
    return {
        trend.tag: (trend.score, trend.tweets, trend.accounts)
        for trend in (await stores.trends.snapshots.latest()).trends
    }


async def burst(stores: Stores, people: list[UserId], text: str = "#rooks", minutes_ago: float = 0.05) -> list[TweetId]:
    at = wall_ms() - int(minutes_ago * MINUTE_MS)
    return await use_tags(stores, [(person, text, at + number) for number, person in enumerate(people)])


async def test_a_burst_is_in_the_next_snapshot_with_the_spelling_of_most(opened: Stores) -> None:
    people = await new_users(opened, *["person"] * 6)
    trends = TrendsWorker(opened.trends, opened.users.accounts)
    assert await trending(opened, trends) == {}
    await burst(opened, people[:4], "caw #Rooks")
    assert await trending(opened, trends) == {}
    await burst(opened, people[3:], "#ROOKS")
    assert await trending(opened, trends) == {"rooks": (25, 7, 6)}
    (trend,) = (await opened.trends.snapshots.latest()).trends
    assert (trend.name, sum(trend.history)) == ("Rooks", 7)


async def test_what_is_deleted_or_hidden_undoes_its_counts(opened: Stores) -> None:
    people = await new_users(opened, *["person"] * 9)
    ids = await burst(opened, people)
    assert await trending(opened) == {"rooks": (64, 9, 9)}
    await opened.tweets.items.delete(Retract(opened.ids(), ids[0], people[0], ItemKind.TWEET))
    await opened.users.accounts.update_profile(people[1], {"is_protected": True})
    await opened.users.accounts.begin_deletion(DeleteAccount(opened.ids(), people[2]))
    assert await trending(opened) == {"rooks": (25, 6, 6)}
    await delete_account(opened, DeleteAccount(opened.ids(), people[2]))
    await opened.users.accounts.update_profile(people[3], {"is_protected": True})
    assert await trending(opened) == {"rooks": (16, 5, 5)}
    await opened.users.accounts.update_profile(people[1], {"is_protected": False})
    assert await trending(opened) == {"rooks": (25, 6, 6)}
    for person in people[4:6]:
        await opened.users.accounts.update_profile(person, {"is_protected": True})
    assert await trending(opened) == {}


async def test_hashtags_of_an_edit_count_where_it_put_them_and_no_more_where_it_took_them_out(opened: Stores) -> None:
    """Tweets that were read before their edit, too."""
    people = await new_users(opened, *["person"] * 6)
    trends = TrendsWorker(opened.trends, opened.users.accounts)
    ids = await burst(opened, people, minutes_ago=5)
    assert await trending(opened, trends) == {"rooks": (25, 6, 6)}
    for tweet in await opened.tweets.items.get_many(ids):
        assert isinstance(tweet, TweetRecord)
        (mark,) = tweet.entities.hashtags
        entities = structs.replace(tweet.entities, hashtags=(structs.replace(mark, tag="crows"),))
        edited = structs.replace(tweet, text="#crows", tags=("crows",), entities=entities)
        job = PublishEdit(opened.ids(), tweet.id, tweet.author_id)
        assert await opened.tweets.edits.edit(job, tweet, edited)
    assert await trending(opened, trends) == {"crows": (25, 6, 6)}


@pytest.mark.parametrize("seed", range(4))
async def test_snapshots_are_what_the_definition_makes_of_all_tweets(opened: Stores, seed: int) -> None:
    """Random uses over three days, deletions, protections, deleted accounts; now and then Redis is flushed."""
    dice, people = random.Random(seed), await new_users(opened, *["person"] * 14)
    trends, known = TrendsWorker(opened.trends, opened.users.accounts), list[tuple[UserId, TweetId]]()
    for _ in range(4):
        chosen = [dice.choices(people, k=dice.randrange(3, 40)) for _ in "abc"]
        for tag, authors in zip("abc", chosen, strict=True):
            spread = dice.choice([50, 200, 26 * 60, 50 * 60])
            uses = [(one, f"#{tag}", wall_ms() - dice.randrange(spread * MINUTE_MS)) for one in authors]
            known += zip(authors, await use_tags(opened, uses), strict=True)
        for author, tweet_id in dice.sample(known, len(known) // 5):
            await opened.tweets.items.delete(Retract(opened.ids(), tweet_id, author, ItemKind.TWEET))
        await opened.users.accounts.update_profile(dice.choice(people), {"is_protected": dice.random() < 0.7})
        if dice.random() < 0.3:
            await opened.users.accounts.begin_deletion(DeleteAccount(opened.ids(), dice.choice(people)))
        if dice.random() < 0.3:
            await opened.redis.flushdb()
        assert await trends.publish_snapshot()
        snapshot = await opened.trends.snapshots.latest()
        found = {one.tag: Figures(one.score, one.tweets, one.accounts, one.history) for one in snapshot.trends}
        right = await trends_by_definition(opened, snapshot.at_ms)
        assert found.keys() == right.keys()
        for tag, one in right.items():
            assert found[tag].score == pytest.approx(one.score)
            assert found[tag][1:] == one[1:]


async def test_counts_are_exact_far_beyond_a_thousand(opened: Stores) -> None:
    people = [UserId(opened.ids()) for _ in range(1_500)]
    rows = [
        {"_id": person, "handle": f"p{person}", "handle_key": f"p{person}", "email_key": f"{person}", "name": "P"}
        | {"bio": None, "avatar": None, "is_protected": False, "is_verified": False}
        for person in people
    ]
    await opened.mongo.collection("users").insert_many(rows)
    for minutes_ago in (1, 40):
        await burst(opened, people, minutes_ago=minutes_ago)
    assert await trending(opened) == {"rooks": (1_499**2, 3_000, 1_500)}


async def test_all_is_there_again_when_redis_has_forgotten(opened: Stores) -> None:
    people = await new_users(opened, *["person"] * 30)
    trends = TrendsWorker(opened.trends, opened.users.accounts)
    await burst(opened, people, "#now")
    await burst(opened, people[:20], "#hours_ago", minutes_ago=7 * 60)
    await burst(opened, people[:6], "#yesterday", minutes_ago=23 * 60)
    before = await trending(opened, trends)
    assert list(before) == ["now", "hours_ago"]
    await opened.redis.flushdb()
    assert {tag: counts[1:] for tag, counts in (await trending(opened, trends)).items()} == {
        tag: counts[1:] for tag, counts in before.items()
    }


async def test_memory_does_not_grow_with_what_is_posted(opened: Stores) -> None:
    people, now = await new_users(opened, *["person"] * 6), wall_ms()
    noise = [
        (person, f"#n{number} #{'x' * 150}{number}", now - number)
        for number in range(2 * MAX_TAGS)
        for person in people[:1]
    ]
    await use_tags(opened, noise)
    await burst(opened, people)
    assert "rooks" in await trending(opened)
    hours = range(now // HOUR_MS - 1, now // HOUR_MS + 2)
    assert max([await opened.redis.zcard(trend_keys.trends_hour(hour)) for hour in hours]) == MAX_TAGS
    assert len(await opened.redis.keys("trends:*")) <= PAST_HOURS + 4
    assert all([await opened.redis.pttl(trend_keys.trends_hour(hour)) != -1 for hour in hours])
    await opened.trends.hourly_usage.record_hour(1, {f"more{number}": 2.0 for number in range(MAX_TAGS + 9)})
    assert await opened.redis.zcard(trend_keys.trends_hour(1)) == MAX_TAGS


async def test_one_worker_makes_the_snapshots_and_another_takes_over(opened: Stores) -> None:
    one, other = TrendsWorker(opened.trends, opened.users.accounts), TrendsWorker(opened.trends, opened.users.accounts)
    assert await one.publish_snapshot()
    assert not await other.publish_snapshot()
    assert await one.publish_snapshot()
    await opened.redis.delete(trend_keys.trends_lease())
    assert await other.publish_snapshot()
    assert not await one.publish_snapshot()


async def test_who_lost_the_lease_publishes_nothing(opened: Stores) -> None:
    await opened.trends.snapshots.try_acquire_lease("one", 60_000)
    assert await opened.trends.snapshots.publish("one", Snapshot(1))
    assert not await opened.trends.snapshots.publish("other", Snapshot(2))
    assert (await opened.trends.snapshots.latest()).at_ms == 1


async def test_a_running_worker_ends_when_it_is_asked_to(opened: Stores) -> None:
    people, stop = await new_users(opened, *["person"] * 5), asyncio.Event()
    running = asyncio.create_task(TrendsWorker(opened.trends, opened.users.accounts, every_seconds=0.05).run(stop))

    async def is_shown() -> bool:
        return bool((await opened.trends.snapshots.latest()).trends)

    await burst(opened, people)
    await eventually(is_shown)
    stop.set()
    await running


async def test_snapshot_of_another_version_is_an_empty_one(opened: Stores) -> None:
    await opened.redis.set(trend_keys.trends(), b"\xc1")
    assert await opened.trends.snapshots.latest() == Snapshot()


async def test_a_tweet_that_was_stored_late_is_noted_all_the_same(opened: Stores) -> None:
    people, trends = await new_users(opened, *["person"] * 5), TrendsWorker(opened.trends, opened.users.accounts)
    await trending(opened, trends)
    assert await trends.publish_snapshot()
    for person in people:
        await use_tag(opened, person, "#late", wall_ms() - 5_000)
    assert await trends.publish_snapshot()
    assert [trend.tag for trend in (await opened.trends.snapshots.latest()).trends] == ["late"]


async def test_beyond_what_is_looked_at_one_by_one_counts_are_within_two_percent(
    opened: Stores, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workers.trends.trends.MAX_USES", 100)
    people = await new_users(opened, *["person"] * 60)
    for minutes_ago in (0, 30, 50):
        await burst(opened, people, minutes_ago=minutes_ago)
    await burst(opened, people[:20], minutes_ago=10)
    for person in people[:20]:
        await opened.users.accounts.update_profile(person, {"is_protected": True})
    found = await trending(opened)
    score, tweets, accounts = found["rooks"]
    assert tweets == pytest.approx(120, rel=0.2)
    assert accounts == pytest.approx(40, rel=0.02, abs=1)
    assert score > 1_000
