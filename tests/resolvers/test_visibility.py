"""Checks of a single tweet or user before an act."""

import pytest

from core.errors import RefusalError, UnauthenticatedError, UserError, UserErrorCode
from core.ids import TweetId
from datastore.mongo.existence import GoneError
from resolvers.accounts.profiles import ProfileChanges, update_profile
from resolvers.graph.blocks import block
from resolvers.graph.follows import follow
from resolvers.services import Services
from resolvers.visibility import existing_user, other_user, public_tweet, refuse_gone, visible_tweet
from tests.resolvers.users import UNKNOWN_USER, posted, registered

NO_TWEET = UserError(UserErrorCode.NOT_FOUND, "There is no such tweet.", ("tweetId",))
NO_USER = UserError(UserErrorCode.NOT_FOUND, "There is no such person.", ("userId",))
PROTECTED = UserError(
    UserErrorCode.FORBIDDEN, "Tweets of protected accounts are not for showing to others.", ("tweetId",)
)


async def test_unknown_tweet_and_tweet_after_a_block_are_not_found(services: Services) -> None:
    alice, bob = await registered(services, "alice"), await registered(services, "bob")
    tweet = await posted(services, alice)
    assert await visible_tweet(services.stores, bob, tweet.id, "tweetId") == tweet
    await block(services, alice, bob.user_id)
    for tweet_id in (tweet.id, TweetId(1)):
        with pytest.raises(RefusalError) as raised:
            await visible_tweet(services.stores, bob, tweet_id, "tweetId")
        assert raised.value.errors == (NO_TWEET,)


async def test_protected_tweet_is_visible_to_followers_and_public_for_its_author_only(services: Services) -> None:
    alice, bob = await registered(services, "alice"), await registered(services, "bob")
    carol, tweet = await registered(services, "carol"), await posted(services, alice)
    await follow(services, bob, alice.user_id)
    assert await public_tweet(services, carol, tweet.id) == tweet
    await update_profile(services, alice, ProfileChanges({"is_protected": True}))
    with pytest.raises(RefusalError) as hidden:
        await public_tweet(services, carol, tweet.id, "tweetId")
    assert hidden.value.errors == (NO_TWEET,)
    assert await visible_tweet(services.stores, bob, tweet.id) == tweet
    with pytest.raises(RefusalError) as refused:
        await public_tweet(services, bob, tweet.id, "tweetId")
    assert refused.value.errors == (PROTECTED,)
    assert await public_tweet(services, alice, tweet.id) == tweet


async def test_user_must_exist_and_be_another(services: Services) -> None:
    alice, bob = await registered(services, "alice"), await registered(services, "bob")
    assert (await existing_user(services.stores.users, alice.user_id)).id == alice.user_id
    assert (await other_user(services.stores.users, alice, bob.user_id, "follow")).id == bob.user_id
    for check in (
        existing_user(services.stores.users, UNKNOWN_USER, "userId"),
        other_user(services.stores.users, alice, UNKNOWN_USER, "mute"),
    ):
        with pytest.raises(RefusalError) as raised:
            await check
        assert raised.value.errors == (NO_USER,)
    with pytest.raises(RefusalError) as refused:
        await other_user(services.stores.users, alice, alice.user_id, "follow")
    assert refused.value.errors == (UserError(UserErrorCode.INVALID, "You can't follow yourself.", ("userId",)),)


async def test_concurrent_deletion_is_refused_as_not_found(services: Services) -> None:
    alice = await registered(services, "alice")
    with pytest.raises(RefusalError) as refused, refuse_gone(alice, "tweetId"):
        raise GoneError(TweetId(1))
    assert refused.value.errors == (UserError(UserErrorCode.NOT_FOUND, "It was deleted at this moment.", ("tweetId",)),)
    with pytest.raises(UnauthenticatedError), refuse_gone(alice, "tweetId"):
        raise GoneError(alice.user_id)
    with pytest.raises(KeyError), refuse_gone(alice, "tweetId"):
        raise KeyError
