"""Single tweets and people as the viewer may see or address them: what may not be seen is as if it did not exist."""

from collections.abc import Iterator
from contextlib import contextmanager

from core.errors import RefusalError, UnauthenticatedError, UserErrorCode
from core.ids import TweetId, UserId
from datastore.mongo.existence import GoneError
from datastore.records.items import TweetRecord
from datastore.records.users import UserRecord
from datastore.users.viewpoints import Viewpoint
from resolvers.identity import Identity
from resolvers.services import Services
from resolvers.viewpoints import viewpoint_of
from resolvers.visible_pages import visible_tweets


async def seen_tweet(services: Services, identity: Identity, tweet_id: TweetId, *field: str) -> TweetRecord:
    """Raises RefusalError NOT_FOUND, naming the field, for a tweet that the viewer may not see."""
    view = await viewpoint_of(services, identity)
    (tweet,) = await visible_tweets(services, view, [tweet_id])
    if tweet is None:
        raise RefusalError.of(UserErrorCode.NOT_FOUND, "There is no such tweet.", *field)
    return tweet


async def public_tweet(services: Services, identity: Identity, tweet_id: TweetId, *field: str) -> TweetRecord:
    """One that the viewer may show to others. Raises RefusalError: FORBIDDEN for a protected tweet of somebody else."""
    tweet = await seen_tweet(services, identity, tweet_id, *field)
    author = await services.stores.users.accounts.get(tweet.author_id)
    if author is None or (author.is_protected and author.id != identity.user_id):
        raise RefusalError.of(
            UserErrorCode.FORBIDDEN, "Tweets of protected accounts are not for showing to others.", *field
        )
    return tweet


async def existing_person(services: Services, user_id: UserId, *field: str) -> UserRecord:
    """Raises RefusalError NOT_FOUND, naming the field, for nobody."""
    user = await services.stores.users.accounts.get(user_id)
    if user is None:
        raise RefusalError.of(UserErrorCode.NOT_FOUND, "There is no such person.", *field)
    return user


async def other_person(services: Services, identity: Identity, user_id: UserId, what: str) -> UserRecord:
    """Raises RefusalError: INVALID for oneself, NOT_FOUND for nobody."""
    if user_id == identity.user_id:
        raise RefusalError.of(UserErrorCode.INVALID, f"You can't {what} yourself.", "userId")
    return await existing_person(services, user_id, "userId")


@contextmanager
def while_it_stands(identity: Identity, *field: str) -> Iterator[None]:
    """For the writing of an act: what ends at that moment is refused as it would be a moment later, by NOT_FOUND."""
    try:
        yield
    except GoneError as error:
        if error.gone == identity.user_id:
            raise UnauthenticatedError("This account is gone.") from None
        raise RefusalError.of(UserErrorCode.NOT_FOUND, "It was deleted at this moment.", *field) from None


def is_blocked(view: Viewpoint, user_id: UserId) -> bool:
    """Either way."""
    return user_id in view.blocked or user_id in view.blockers
