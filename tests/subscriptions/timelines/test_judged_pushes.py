"""An item that the reader may no longer see is not pushed, whatever happened between the post and the push."""

from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from tests.support.people import Person, sign_up
from tests.support.scenarios.timelines.live_timeline import live_timeline
from tests.support.service import Service, running_service, running_workers, settings_for
from tests.support.waiting import eventually

FOLLOW_TAG = "mutation($name: String!) { followHashtag(name: $name) { userErrors { code } } }"
BLOCK = "mutation($id: ID!) { block(userId: $id) { userErrors { code } } }"
MUTE = "mutation($id: ID!) { mute(userId: $id) { userErrors { code } } }"
MUTE_WORDS = "mutation($words: [String!]!) { setMutedWords(words: $words) { userErrors { code } } }"
PROTECT = "mutation { updateProfile(input: {isProtected: true}) { userErrors { code } } }"
LEAVE = 'mutation { deleteAccount(password: "correct horse") { userErrors { code } } }'
UNFOLLOW_TAG = "mutation($name: String!) { unfollowHashtag(name: $name) { userErrors { code } } }"

Between = Callable[[Person, Person, str], Awaitable[object]]
"""Called with the reader, the author, and the id of the tweet."""

CASES: dict[str, Between] = {
    "the reader blocks the author": lambda reader, author, _: reader.act(BLOCK, id=author.id),
    "the author blocks the reader": lambda reader, author, _: author.act(BLOCK, id=reader.id),
    "the reader mutes the author": lambda reader, author, _: reader.act(MUTE, id=author.id),
    "the reader mutes a word": lambda reader, _, __: reader.act(MUTE_WORDS, words=["rook"]),
    "the reader unfollows the hashtag": lambda reader, _, __: reader.act(UNFOLLOW_TAG, name="nests"),
    "the author is protected": lambda _, author, __: author.act(PROTECT),
    "the tweet is deleted": lambda _, author, tweet: author.delete(tweet),
    "the author leaves": lambda _, author, __: author.act(LEAVE),
}


@pytest.fixture
async def idle_service(service_database: str, redis_url: str) -> AsyncIterator[Service]:
    """Without workers."""
    async with running_service(settings_for(service_database, redis_url), with_workers=False) as service:
        yield service


@pytest.mark.parametrize("case", CASES)
async def test_item_that_became_invisible_is_not_pushed(idle_service: Service, case: str) -> None:
    reader, author, friend = [await sign_up(idle_service, name) for name in ("reader", "author", "friend")]
    async with running_workers(idle_service.stores):
        await reader.follow(friend)
        await reader.act(FOLLOW_TAG, name="nests")
        await reader.home()
        await idle_service.settle()
    async with live_timeline(reader) as follower:
        tweet = await author.post("a rook #nests")
        await CASES[case](reader, author, tweet)
        seen = await friend.post("an owl")
        async with running_workers(idle_service.stores):
            await eventually(lambda: follower.shown)
            await idle_service.settle()
            await friend.post("another owl")
            await eventually(lambda: len(follower.shown) > 1)
    assert seen in follower.shown
    assert follower.wrong == []
    assert not any(tweet in line for line in follower.log), follower.log
