"""Well-known complaints about timelines, a test each. Home lists are short, so that their end is soon reached."""

import asyncio
from typing import Any

import pytest

from datastore.redis import keys
from tests.support.people import Person, sign_up
from tests.support.service import Service

pytestmark = pytest.mark.asyncio(loop_scope="module")

LENGTH = 8
SETTINGS = {"timeline_length": LENGTH, "fanout_limit": 2}

LIKE = "mutation Like($id: ID!) { like(tweetId: $id) { tweet { likeCount viewerHasLiked } userErrors { code } } }"
UNLIKE = "mutation Unlike($id: ID!) { unlike(tweetId: $id) { tweet { likeCount viewerHasLiked } userErrors { code } } }"
RETWEET = "mutation Retweet($id: ID!) { retweet(tweetId: $id) { tweet { id } userErrors { code } } }"
MUTE_WORDS = "mutation Mute($words: [String!]!) { setMutedWords(words: $words) { userErrors { code } } }"
COUNTS = """query Counts($id: ID!) { tweet(id: $id) {
  likeCount retweetCount viewerHasLiked likedBy(first: 100) { edges { node { id } } } } }"""


async def following(service: Service, *others: str) -> tuple[Person, ...]:
    """Alice, and the others, whom she follows."""
    alice, *followed = [await sign_up(service, name) for name in ("alice", *others)]
    for person in followed:
        await alice.follow(person)
    await service.settle()
    return alice, *followed


async def texts_downwards(person: Person, first: int) -> list[str]:
    """The whole home timeline, read page by page with `after`; every page but the last must be full."""
    found: list[str] = []
    after = None
    while True:
        page = await person.home(first, after=after)
        found += _texts(page)
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            return found
        assert len(page["edges"]) == first
        assert len(found) < 1_000


async def texts_upwards(person: Person, first: int) -> list[str]:
    """All items newer than the oldest one, read page by page with `before`, newest first."""
    before = (await person.home(100))["edges"][-1]["cursor"]
    found: list[str] = []
    while True:
        page = await person.home(first, before=before)
        found = _texts(page) + found
        before = page["pageInfo"]["startCursor"]
        if not page["pageInfo"]["hasPreviousPage"]:
            return found
        assert len(page["edges"]) == first
        assert len(found) < 1_000


def _texts(page: dict[str, Any]) -> list[str]:
    return [edge["node"].get("text") or edge["node"]["tweet"]["text"] for edge in page["edges"]]


async def home_key(person: Person) -> str:
    users = person.service.stores.users.accounts
    (number,) = (await users.ids_by_handle([person.handle.lower()])).values()
    return keys.home(number)


async def test_posts_during_a_sleep_arrive_once_and_in_order_after_reconnecting(shared_service: Service) -> None:
    alice, bob = await following(shared_service, "bob")
    head = (await alice.home())["headCursor"]
    first = await bob.post("before the sleep")
    async with alice.socket() as socket:
        await socket.watch_home(after=head)
        seen = await socket.event()
    missed = [await bob.post(f"in the sleep {number}") for number in range(5)]
    await shared_service.settle()

    async with alice.socket() as socket:
        await socket.watch_home(after=seen["cursor"])
        events = [await socket.event() for _ in missed]
        last = await bob.post("awake")
        events.append(await socket.event())

    assert seen["edge"]["node"]["id"] == first
    assert [event["edge"]["node"]["id"] for event in events] == [*missed, last]
    assert len({event["cursor"] for event in events}) == len(events)


async def test_reader_who_was_away_too_long_gets_a_reset(shared_service: Service) -> None:
    alice, bob = await following(shared_service, "bob")
    head = (await alice.home())["headCursor"]
    await shared_service.stores.redis.delete(keys.live(await home_key(alice)))
    await bob.post("in a long sleep")
    await shared_service.settle()

    async with alice.socket() as socket:
        await socket.watch_home(after=head)
        event = await socket.event()
    assert (event["__typename"], event["reason"]) == ("TimelineReset", "CURSOR_TOO_OLD")
    page = await alice.home()
    assert _texts(page) == ["in a long sleep"]

    tweet_id = await bob.post("after it")
    async with alice.socket() as socket:
        await socket.watch_home(after=page["headCursor"])
        assert (await socket.event())["edge"]["node"]["id"] == tweet_id


async def test_home_timeline_ends_where_there_is_nothing_older_and_not_before(shared_service: Service) -> None:
    alice, bob, carol = await following(shared_service, "bob", "carol")
    texts = [f"tweet {number}" for number in range(5 * LENGTH)]
    for number, text in enumerate(texts):
        await (bob, carol)[number % 2].post(text)
    await shared_service.settle()
    assert await shared_service.stores.redis.llen(await home_key(alice)) == LENGTH
    assert await texts_downwards(alice, 7) == texts[::-1]


@pytest.mark.parametrize("is_merged", [False, True], ids=["fanned_out", "merged_at_read"])
async def test_no_post_is_lost_at_the_seam_of_list_and_database(shared_service: Service, is_merged: bool) -> None:
    alice, bob, carol = await following(shared_service, "bob", "carol")
    if is_merged:  # more followers than the fan-out limit in SETTINGS
        for name in ("dave", "erin"):
            await (await sign_up(shared_service, name)).follow(bob)
    ids = [await (bob, carol)[number % 2].post(f"tweet {number}") for number in range(3 * LENGTH)]
    gone = (1, LENGTH, 2 * LENGTH, 2 * LENGTH + 1, 3 * LENGTH - 2)
    for number in gone:
        await (bob, carol)[number % 2].delete(ids[number])
    await shared_service.settle()
    expected = [f"tweet {number}" for number in range(3 * LENGTH) if number not in gone][::-1]
    for first in range(1, LENGTH + 4):
        assert await texts_downwards(alice, first) == expected
        assert await texts_upwards(alice, first) == expected[:-1]


async def test_returning_reader_finds_a_full_timeline_at_once(shared_service: Service) -> None:
    alice, bob, carol = await following(shared_service, "bob", "carol")
    texts = [f"tweet {number}" for number in range(2 * LENGTH)]
    for number, text in enumerate(texts):
        await (bob, carol)[number % 2].post(text)
        if number == LENGTH:
            await shared_service.settle()
            await shared_service.stores.redis.delete(await home_key(alice))
    await shared_service.settle()

    page = await alice.home(100)
    assert (page["state"], _texts(page)) == ("REBUILDING", texts[::-1])
    await shared_service.settle()
    page = await alice.home(100)
    assert (page["state"], _texts(page)) == ("READY", texts[::-1])
    assert await shared_service.stores.redis.llen(await home_key(alice)) == LENGTH


async def test_pages_are_full_although_rules_hide_most_of_what_there_is(shared_service: Service) -> None:
    alice, bob = await following(shared_service, "bob")
    texts = [f"tweet {number}" if number % 9 == 0 else f"noise {number}" for number in range(7 * LENGTH)]
    for text in texts:
        await bob.post(text)
    await alice.act(MUTE_WORDS, words=["noise"])
    await shared_service.settle()
    expected = [text for text in texts if "noise" not in text][::-1]
    assert await texts_downwards(alice, 3) == expected
    assert await texts_upwards(alice, 3) == expected[:-1]


async def test_cursor_serves_after_its_item_was_deleted_and_its_list_forgotten(shared_service: Service) -> None:
    alice, bob = await following(shared_service, "bob")
    ids = [await bob.post(f"tweet {number}") for number in range(6)]
    await shared_service.settle()
    cursor = (await alice.home())["edges"][2]["cursor"]
    await bob.delete(ids[3])
    await shared_service.stores.redis.delete(await home_key(alice))
    await shared_service.settle()
    assert _texts(await alice.home(2, after=cursor)) == ["tweet 2", "tweet 1"]
    assert _texts(await alice.home(2, before=cursor)) == ["tweet 5", "tweet 4"]
    await bob.post("tweet 6")
    await shared_service.settle()
    assert _texts(await alice.home(2, before=cursor)) == ["tweet 5", "tweet 4"]


async def test_tweet_that_many_retweet_stands_once_across_pages(shared_service: Service) -> None:
    alice, bob, carol, dave = await following(shared_service, "bob", "carol", "dave")
    stranger = await sign_up(shared_service, "stranger")
    retweeted = await stranger.post("the one")
    for number, person in enumerate((bob, carol, dave)):
        await person.act(RETWEET, id=retweeted)
        for post in range(LENGTH):
            await person.post(f"{number} {post}")
    await shared_service.settle()
    found = await texts_downwards(alice, 5)
    assert found.count("the one") == 1
    assert found[-1] == "the one"
    assert len(found) == 3 * LENGTH + 1


async def test_unlike_never_shows_the_old_count_again(shared_service: Service) -> None:
    alice, bob = await following(shared_service, "bob")
    tweet_id = await bob.post("likeable")
    for _ in range(3):
        assert (await alice.act(LIKE, id=tweet_id))["tweet"] == {"likeCount": 1, "viewerHasLiked": True}
        assert await _likes(alice, tweet_id) == (1, True, [alice.id])
        assert (await alice.act(UNLIKE, id=tweet_id))["tweet"] == {"likeCount": 0, "viewerHasLiked": False}
        assert await _likes(alice, tweet_id) == (0, False, [])
    await shared_service.settle()
    assert await _likes(alice, tweet_id) == (0, False, [])
    assert await _likes(bob, tweet_id) == (0, False, [])


async def test_counts_equal_the_acts_after_a_rush(shared_service: Service) -> None:
    author = await sign_up(shared_service, "author")
    tweet_id = await author.post("popular")
    fans = [await sign_up(shared_service, "fans") for _ in range(8)]
    both = [person.act(document, id=tweet_id) for person in fans for document in (LIKE, LIKE, RETWEET, RETWEET)]
    await asyncio.gather(*both)
    await asyncio.gather(*[person.act(UNLIKE, id=tweet_id) for person in fans[:3] for _ in range(2)])
    await shared_service.settle()
    count, _, people = await _likes(author, tweet_id)
    assert (count, sorted(people)) == (5, sorted(person.id for person in fans[3:]))
    assert (await author.ask(COUNTS, id=tweet_id))["tweet"]["retweetCount"] == len(fans)


async def _likes(viewer: Person, tweet_id: str) -> tuple[int, bool, list[str]]:
    """The count, whether the viewer likes the tweet, and the ids of all who do."""
    tweet = (await viewer.ask(COUNTS, id=tweet_id))["tweet"]
    return tweet["likeCount"], tweet["viewerHasLiked"], [edge["node"]["id"] for edge in tweet["likedBy"]["edges"]]
