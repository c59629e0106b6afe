"""Undoing: an act may be undone whatever the viewer may see by then, without showing its subject."""

from collections.abc import Awaitable, Callable

import pytest

from tests.support.people import Person, sign_up
from tests.support.service import Service

pytestmark = pytest.mark.asyncio(loop_scope="module")

MARKS = "tweet { id viewerHasLiked viewerHasRetweeted viewerHasBookmarked } userErrors { code field }"
ACTS = {
    name: f"mutation Act($id: ID!) {{ {name}(tweetId: $id) {{ {MARKS} }} }}"
    for name in ("like", "retweet", "bookmark", "unlike", "unretweet", "unbookmark")
}
SEEN = "query Seen($id: ID!) { tweet(id: $id) { likeCount retweetCount } }"
BOOKMARKED = "{ viewer { bookmarks(first: 10) { edges { node { id } } } } }"
RELATION = "user { relationship { isFollowing hasRequestedFollow isMuting } } userErrors { code field }"
ON_PEOPLE = {
    name: f"mutation Act($id: ID!) {{ {name}(userId: $id) {{ {RELATION} }} }}"
    for name in ("follow", "unfollow", "mute", "unmute", "block", "unblock")
}
PROTECT = "mutation Protect($is: Boolean!) { updateProfile(input: {isProtected: $is}) { userErrors { code } } }"
NOTHING = {"isFollowing": False, "hasRequestedFollow": False, "isMuting": False}


async def hidden_by_block(author: Person, fan: Person, tweet: str) -> None:
    await author.act(ON_PEOPLE["block"], id=fan.id)


async def shown_after_block(author: Person, fan: Person) -> None:
    await author.act(ON_PEOPLE["unblock"], id=fan.id)


async def hidden_by_own_block(author: Person, fan: Person, tweet: str) -> None:
    await fan.act(ON_PEOPLE["block"], id=author.id)


async def shown_after_own_block(author: Person, fan: Person) -> None:
    await fan.act(ON_PEOPLE["unblock"], id=author.id)


async def hidden_by_protection(author: Person, fan: Person, tweet: str) -> None:
    await author.act(PROTECT, **{"is": True})


async def shown_after_protection(author: Person, fan: Person) -> None:
    await author.act(PROTECT, **{"is": False})


async def hidden_by_deletion(author: Person, fan: Person, tweet: str) -> None:
    await author.delete(tweet)


HIDINGS: list[tuple[Callable[[Person, Person, str], Awaitable[None]], Callable[[Person, Person], Awaitable[None]]]] = [
    (hidden_by_block, shown_after_block),
    (hidden_by_own_block, shown_after_own_block),
    (hidden_by_protection, shown_after_protection),
]


async def test_acts_on_a_hidden_tweet_are_undone_and_counted_without_showing_it(shared_service: Service) -> None:
    fan, other = await sign_up(shared_service, "fan"), await sign_up(shared_service, "other")
    for hide, show in HIDINGS:
        author = await sign_up(shared_service, "author")
        tweet = await author.post("a nest in the elm")
        for person in (fan, other):
            for name in ("like", "retweet", "bookmark"):
                await person.act(ACTS[name], id=tweet)
        await hide(author, fan, tweet)
        for name in ("unlike", "unretweet", "unbookmark") * 2:
            assert await fan.act(ACTS[name], id=tweet) == {"tweet": None, "userErrors": []}
        assert (await author.ask(SEEN, id=tweet))["tweet"] == {"likeCount": 1, "retweetCount": 1}
        await shared_service.settle()
        assert (await author.ask(SEEN, id=tweet))["tweet"] == {"likeCount": 1, "retweetCount": 1}
        await show(author, fan)
        assert (await fan.ask(BOOKMARKED))["viewer"]["bookmarks"] == {"edges": []}
        marks = {"viewerHasLiked": False, "viewerHasRetweeted": False, "viewerHasBookmarked": False}
        assert (await fan.act(ACTS["unlike"], id=tweet))["tweet"] == {"id": tweet, **marks}
        assert [edge["reason"] for edge in (await fan.home())["edges"]] == []


async def test_acts_on_a_tweet_deleted_meanwhile_are_undone(shared_service: Service) -> None:
    author, fan = await sign_up(shared_service, "author"), await sign_up(shared_service, "fan")
    tweet = await author.post("a nest in the elm")
    for name in ("like", "retweet", "bookmark"):
        await fan.act(ACTS[name], id=tweet)
    await hidden_by_deletion(author, fan, tweet)
    for name in ("unlike", "unretweet", "unbookmark") * 2:
        assert await fan.act(ACTS[name], id=tweet) == {"tweet": None, "userErrors": []}
    for name in ("like", "retweet", "bookmark"):
        assert await fan.refused(ACTS[name], id=tweet) == [("NOT_FOUND", ["tweetId"])]
    await shared_service.settle()


async def test_a_hidden_person_is_unfollowed_and_unmuted(shared_service: Service) -> None:
    alice, bob = await sign_up(shared_service, "alice"), await sign_up(shared_service, "bob")
    await alice.act(PROTECT, **{"is": True})
    asked = await bob.act(ON_PEOPLE["follow"], id=alice.id)
    assert asked["user"]["relationship"] == NOTHING | {"hasRequestedFollow": True}
    assert (await bob.act(ON_PEOPLE["unfollow"], id=alice.id))["user"]["relationship"] == NOTHING
    await alice.act(PROTECT, **{"is": False})
    await bob.act(ON_PEOPLE["mute"], id=alice.id)
    await alice.act(ON_PEOPLE["block"], id=bob.id)
    for name in ("unmute", "unfollow") * 2:
        assert (await bob.act(ON_PEOPLE[name], id=alice.id))["user"]["relationship"] == NOTHING
