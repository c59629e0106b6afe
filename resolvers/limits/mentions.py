"""Limits of mentions: 10 people a tweet, and people who do not follow the author by LIMIT_MENTION."""

from collections.abc import Collection
from typing import Final

from core.errors import RateLimitedError
from core.ids import UserId
from core.limits import ActCharge, LimitedAct, user_subject
from datastore.records.items import TweetRecord
from datastore.tweets.factory import mentioned_keys
from resolvers.identity import Identity
from resolvers.services import Services

MENTIONS_A_TWEET: Final = 10


async def mention_charges(
    services: Services, identity: Identity, tweet: TweetRecord, *, known: Collection[UserId | None] = ()
) -> list[ActCharge]:
    """Without `known`, whom an edited tweet mentions already.

    Raises RateLimitedError for more than 10 handles, whether or not they belong to somebody.
    """
    limit = services.act_limits.get(LimitedAct.MENTION)
    if limit is None or not tweet.mentioned:
        return []
    if len(set(mentioned_keys(tweet.entities))) > MENTIONS_A_TWEET:
        wait = limit.window_ms // 1_000
        raise RateLimitedError(f"A tweet mentions {MENTIONS_A_TWEET} people at most.", wait, LimitedAct.MENTION)
    others = sorted({one for one in tweet.mentioned if one is not None and one not in (identity.user_id, *known)})
    strangers = set(others) - await services.stores.users.follows.followers_among(identity.user_id, others)
    if not strangers:
        return []
    return [ActCharge(LimitedAct.MENTION, user_subject(identity.user_id), limit, members=tuple(sorted(strangers)))]
