"""Likes, retweets and bookmarks as use cases: idempotence, lists, refusals."""

import pytest

from core.errors import RefusalError, UserErrorCode
from core.ids import TweetId
from datastore.tweets.viewer_state import ViewerState
from resolvers.accounts.profiles import ProfileChanges, update_profile
from resolvers.services import Services
from resolvers.tweets.bookmarks import bookmark, bookmarks_of, unbookmark
from resolvers.tweets.likes import like, liked_by, likes_of, unlike
from resolvers.tweets.retweets import retweet, retweeted_by, unretweet
from resolvers.tweets.tweets import delete_tweet
from resolvers.tweets.viewer_state import viewer_states_of
from tests.resolvers.users import posted, registered

ACTS = [
    (like, unlike, ViewerState(liked=True, retweeted=False, bookmarked=False)),
    (retweet, unretweet, ViewerState(liked=False, retweeted=True, bookmarked=False)),
    (bookmark, unbookmark, ViewerState(liked=False, retweeted=False, bookmarked=True)),
]
NONE = ViewerState(liked=False, retweeted=False, bookmarked=False)


async def test_act_and_its_undoing_are_idempotent(services: Services) -> None:
    alice, bob = await registered(services, "alice"), await registered(services, "bob")
    tweet = await posted(services, alice)
    for act, undo, state in ACTS:
        for _ in range(2):
            assert await act(services, bob, tweet.id) == tweet
            assert await viewer_states_of(services.stores.tweets, bob, [tweet.id]) == [state]
        for _ in range(2):
            assert await undo(services, bob, tweet.id) == tweet
            assert await viewer_states_of(services.stores.tweets, bob, [tweet.id]) == [NONE]


async def test_act_on_an_unknown_tweet_is_refused_and_its_undoing_shows_none(services: Services) -> None:
    alice = await registered(services, "alice")
    for act, undo, _ in ACTS:
        with pytest.raises(RefusalError) as raised:
            await act(services, alice, TweetId(1))
        found = [(error.code, error.field) for error in raised.value.errors]
        assert found == [(UserErrorCode.NOT_FOUND, ("tweetId",))]
        assert await undo(services, alice, TweetId(1)) is None


async def test_users_of_a_tweet_are_listed_newest_act_first(services: Services) -> None:
    alice = await registered(services, "alice")
    bob, carol = await registered(services, "bob"), await registered(services, "carol")
    tweet = await posted(services, alice)
    for who in (bob, carol):
        await like(services, who, tweet.id)
        await retweet(services, who, tweet.id)
    for read in (liked_by, retweeted_by):
        page = await read(services, alice, tweet, 20, None)
        assert [edge.node.id for edge in page.edges] == [carol.user_id, bob.user_id]


async def test_lists_of_tweets_leave_out_deleted_and_hidden_ones(services: Services) -> None:
    alice, bob = await registered(services, "alice"), await registered(services, "bob")
    hidden, deleted, kept = [await posted(services, who, text) for who, text in ((alice, "h"), (bob, "d"), (bob, "k"))]
    for tweet in (hidden, deleted, kept):
        await like(services, bob, tweet.id)
        await bookmark(services, bob, tweet.id)
    assert [edge.node for edge in (await bookmarks_of(services, bob, 20, None)).edges] == [kept, deleted, hidden]
    await update_profile(services, alice, ProfileChanges({"is_protected": True}))
    await delete_tweet(services, bob, deleted.id)
    for page in (await likes_of(services, bob, bob.user_id, 20, None), await bookmarks_of(services, bob, 20, None)):
        assert [edge.node for edge in page.edges] == [kept]


async def test_likes_of_a_protected_account_are_hidden_from_others(services: Services) -> None:
    alice, bob = await registered(services, "alice"), await registered(services, "bob", is_protected=True)
    tweet = await posted(services, alice)
    await like(services, bob, tweet.id)
    assert [edge.node for edge in (await likes_of(services, bob, bob.user_id, 20, None)).edges] == [tweet]
    assert (await likes_of(services, alice, bob.user_id, 20, None)).edges == ()
    assert (await likes_of(services, None, bob.user_id, 20, None)).edges == ()
