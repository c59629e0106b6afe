"""Checks of a single tweet or user before an act on it. A hidden tweet is refused as if it did not exist."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from time import monotonic

from core.errors import RefusalError, UnauthenticatedError, UserErrorCode
from core.ids import TweetId, UserId
from datastore.cache.pending_read import resolve_reads
from datastore.mongo.existence import GoneError
from datastore.records.items import TweetRecord
from datastore.records.users import UserRecord
from datastore.stores import Stores
from datastore.timelines.rules import is_there_for, may_see_user
from datastore.users.stores import UserStores
from datastore.users.viewpoint_records import Viewpoint
from resolvers.identity import Identity
from resolvers.services import Services


async def visible_tweet(stores: Stores, identity: Identity, tweet_id: TweetId, *field: str) -> TweetRecord:
    """Raises RefusalError NOT_FOUND, with the field's path, for a tweet that the viewer may not see."""
    tweet = await tweet_seen_by(stores, identity, tweet_id)
    if tweet is None:
        raise RefusalError.of(UserErrorCode.NOT_FOUND, "There is no such tweet.", *field)
    return tweet


async def tweet_seen_by(stores: Stores, identity: Identity, tweet_id: TweetId) -> TweetRecord | None:
    """The tweet; None if the viewer may not see it.

    One round to Redis for tweet and viewpoint, and another one for an author whom this process does not know.
    """
    now = monotonic()
    tweets, views = (
        stores.tweets.items.begin_read([tweet_id], now),
        stores.users.viewpoints.begin_read(identity.user_id, now),
    )
    await resolve_reads(tweets, views)
    (tweet,) = tweets.rows()
    if not isinstance(tweet, TweetRecord):
        return None
    (author,) = await stores.users.accounts.get_many([tweet.author_id], since=now)
    view = views.found.get(identity.user_id) or Viewpoint(identity.user_id)
    return tweet if is_there_for(view, tweet) and may_see_user(view, author) else None


async def hidden_by_moderators(services: Services, ids: Sequence[TweetId]) -> set[TweetId]:
    """The subset of tweets that a decision of moderators hides, and which may come back."""
    items = await services.stores.tweets.items.get_many(ids)
    tweets = [item for item in items if isinstance(item, TweetRecord)]
    authors = await services.stores.users.accounts.with_suspended([tweet.author_id for tweet in tweets])
    return {
        tweet.id
        for tweet, author in zip(tweets, authors, strict=True)
        if author is not None and (tweet.is_removed or author.is_suspended)
    }


async def public_tweet(services: Services, identity: Identity, tweet_id: TweetId, *field: str) -> TweetRecord:
    """A tweet that the viewer may retweet or quote. Raises RefusalError: FORBIDDEN for another's protected tweet."""
    tweet = await visible_tweet(services.stores, identity, tweet_id, *field)
    author = await services.stores.users.accounts.get(tweet.author_id)
    if author is None or (author.is_protected and author.id != identity.user_id):
        raise RefusalError.of(
            UserErrorCode.FORBIDDEN, "Tweets of protected accounts are not for showing to others.", *field
        )
    return tweet


async def existing_user(users: UserStores, user_id: UserId, *field: str) -> UserRecord:
    """Raises RefusalError NOT_FOUND, with the field's path, for an unknown user."""
    user = await users.accounts.get(user_id)
    if user is None:
        raise RefusalError.of(UserErrorCode.NOT_FOUND, "There is no such person.", *field)
    return user


async def user_to_undo(users: UserStores, user_id: UserId, *field: str) -> UserRecord | None:
    """The user of an act to be undone; None for somebody suspended, who is not shown.

    Raises RefusalError NOT_FOUND, with the field's path, for an unknown user.
    """
    (user,) = await users.accounts.with_suspended([user_id])
    if user is None:
        raise RefusalError.of(UserErrorCode.NOT_FOUND, "There is no such person.", *field)
    return None if user.is_suspended else user


async def other_user(users: UserStores, identity: Identity, user_id: UserId, verb: str) -> UserRecord:
    """A user other than the viewer; `verb` completes "You can't ... yourself".

    Raises RefusalError: INVALID for the viewer, NOT_FOUND for an unknown user.
    """
    if user_id == identity.user_id:
        raise RefusalError.of(UserErrorCode.INVALID, f"You can't {verb} yourself.", "userId")
    return await existing_user(users, user_id, "userId")


@contextmanager
def refuse_gone(identity: Identity, *field: str) -> Iterator[None]:
    """Wraps the write of an act: a target deleted concurrently is refused with NOT_FOUND, as it is afterwards."""
    try:
        yield
    except GoneError as error:
        if error.gone == identity.user_id:
            raise UnauthenticatedError("This account is gone.") from None
        raise RefusalError.of(UserErrorCode.NOT_FOUND, "It was deleted at this moment.", *field) from None
