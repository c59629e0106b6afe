"""The pinned tweet of a profile: one of one's own. A deleted one is pinned no more, though its id may stay."""

from core.errors import RefusalError, UnauthenticatedError, UserErrorCode
from core.ids import TweetId
from datastore.records.users import UserRecord
from datastore.users.stores import UserStores
from resolvers.identity import Identity
from resolvers.services import Services
from resolvers.visibility import visible_tweet


async def pin(services: Services, identity: Identity, tweet_id: TweetId) -> UserRecord:
    """Takes the place of an earlier one. Raises RefusalError NOT_FOUND, FORBIDDEN for another's tweet."""
    tweet = await visible_tweet(services.stores, identity, tweet_id, "id")
    if tweet.author_id != identity.user_id:
        raise RefusalError.of(UserErrorCode.FORBIDDEN, "You can pin your own tweets only.", "id")
    return await _set_pinned(services.stores.users, identity, tweet_id)


async def unpin(users: UserStores, identity: Identity) -> UserRecord:
    """Idempotent."""
    return await _set_pinned(users, identity, None)


async def _set_pinned(users: UserStores, identity: Identity, tweet_id: TweetId | None) -> UserRecord:
    user = await users.accounts.update_profile(identity.user_id, {"pinned": tweet_id})
    if user is None:
        raise UnauthenticatedError("This account is gone.")
    return user
