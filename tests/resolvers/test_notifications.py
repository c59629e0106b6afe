"""Notifications through the API: who is told of what, in which groups, and what takes it back."""

import pytest

from tests.notifying import LIKE, UNLIKE, notifications, told
from tests.people import Person, sign_up
from tests.service import Service

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def cast(service: Service, *names: str) -> list[Person]:
    return [await sign_up(service, name) for name in names]


async def test_likes_of_a_tweet_are_one_group_that_comes_up_again_with_each(shared_service: Service) -> None:
    alice, bob, carol = await cast(shared_service, "alice", "bob", "carol")
    tweet = await alice.post("liked")
    await bob.act(LIKE, id=tweet)
    await bob.follow(alice)
    await carol.act(LIKE, id=tweet)
    assert await told(alice) == [("LIKE", ["carol", "bob"], 2), ("FOLLOW", ["bob"], 1)]
    assert (await notifications(alice))["unreadCount"] == 2
    await carol.act(UNLIKE, id=tweet)
    assert await told(alice) == [("FOLLOW", ["bob"], 1), ("LIKE", ["bob"], 1)]
    await alice.delete(tweet)
    assert await told(alice) == [("FOLLOW", ["bob"], 1)]
