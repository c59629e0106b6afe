"""Audiences of threads: the first tweet decides for all below it, by its audience and mentions as they are now."""

from collections.abc import Sequence

from core.errors import RefusalError, UserErrorCode
from core.ids import TweetId, UserId
from core.reply_audience import ReplyAudience
from datastore.records.items import TweetRecord
from datastore.users.stores import UserStores
from resolvers.identity import Identity
from resolvers.services import Services
from resolvers.viewpoints import viewpoint_of


async def ensure_may_reply(services: Services, identity: Identity, parent: TweetRecord, *field: str) -> None:
    """Raises RefusalError FORBIDDEN, with the field's path. The viewer sees the parent."""
    (may_reply,) = await may_reply_to(services, identity, [parent])
    if not may_reply:
        raise RefusalError.of(
            UserErrorCode.FORBIDDEN,
            "The author of the thread chose who may answer, and you are not among them.",
            *field,
        )


async def may_reply_to(services: Services, identity: Identity, tweets: Sequence[TweetRecord]) -> list[bool]:
    """Whether the viewer may answer each of these tweets, all of which they see."""
    roots = await _roots(services, tweets)
    authors = await _followed_by(services.stores.users, identity, [root for root in roots if root is not None])
    followees = (await viewpoint_of(services.stores.users, identity)).followees
    return [_may_reply(identity.user_id, root, followees, authors) for root in roots]


def is_open(tweet: TweetRecord) -> bool:
    """Whether everybody who sees the tweet may answer, as far as the tweet alone tells."""
    return tweet.conversation_id == tweet.id and tweet.reply_audience is ReplyAudience.EVERYONE


def _may_reply(
    viewer: UserId, root: TweetRecord | None, followees: frozenset[UserId], authors: frozenset[UserId]
) -> bool:
    """`authors`: those who follow the viewer. A first tweet that is gone restricts nobody."""
    if root is None or viewer == root.author_id or viewer in root.mentioned:
        return True
    match root.reply_audience:
        case ReplyAudience.EVERYONE:
            return True
        case ReplyAudience.FOLLOWING:
            return root.author_id in authors
        case ReplyAudience.FOLLOWERS:
            return root.author_id in followees
        case ReplyAudience.MENTIONED:
            return False


async def _roots(services: Services, tweets: Sequence[TweetRecord]) -> list[TweetRecord | None]:
    """The first tweets of the threads, whether or not the viewer may see them; None for one that is gone."""
    found = {tweet.id: tweet for tweet in tweets if tweet.conversation_id == tweet.id}
    absent = list(dict.fromkeys(tweet.conversation_id for tweet in tweets if tweet.conversation_id not in found))
    found |= {root.id: root for root in await _existing(services, absent)} if absent else {}
    return [found.get(tweet.conversation_id) for tweet in tweets]


async def _existing(services: Services, ids: Sequence[TweetId]) -> list[TweetRecord]:
    """Those of the tweets that are there, and not by somebody suspended."""
    items = await services.stores.tweets.items.get_many(ids)
    tweets = [item for item in items if isinstance(item, TweetRecord)]
    authors = await services.stores.users.accounts.get_many([tweet.author_id for tweet in tweets])
    return [tweet for tweet, author in zip(tweets, authors, strict=True) if author is not None]


async def _followed_by(users: UserStores, identity: Identity, roots: Sequence[TweetRecord]) -> frozenset[UserId]:
    """Authors who follow the viewer, among those whose audience asks for it."""
    authors = {root.author_id for root in roots if root.reply_audience is ReplyAudience.FOLLOWING}
    others = sorted(authors - {identity.user_id})
    if not others:
        return frozenset()
    return frozenset(await users.follows.followers_among(identity.user_id, others))
