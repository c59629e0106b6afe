"""Bounds of what a viewpoint holds, since every read by its owner loads all of it: follows, blocks, mutes, hashtags.

They are looked up before an act, so acts of one moment may pass them together. Each raises RefusalError FORBIDDEN; what
is held already is done again without harm.
"""

from core.errors import RefusalError, UserErrorCode
from core.ids import UserId
from datastore.users.stores import UserStores
from resolvers.identity import Identity
from resolvers.viewpoints import viewpoint_of

MOST_FOLLOWED = 10_000
MOST_BLOCKED = 10_000
MOST_MUTED = 10_000
MOST_HASHTAGS = 500


async def ensure_may_follow(users: UserStores, identity: Identity, user_id: UserId) -> None:
    followees = (await viewpoint_of(users, identity)).followees
    if user_id not in followees:
        _ensure_room(len(followees), MOST_FOLLOWED, "follow", "people", "userId")


async def ensure_may_block(users: UserStores, identity: Identity, user_id: UserId) -> None:
    blocked = (await viewpoint_of(users, identity)).blocked
    if user_id not in blocked:
        _ensure_room(len(blocked), MOST_BLOCKED, "block", "people", "userId")


async def ensure_may_mute(users: UserStores, identity: Identity, user_id: UserId) -> None:
    muted = (await viewpoint_of(users, identity)).muted
    if user_id not in muted:
        _ensure_room(len(muted), MOST_MUTED, "mute", "people", "userId")


async def ensure_may_follow_hashtag(users: UserStores, identity: Identity, tag: str) -> None:
    tags = (await viewpoint_of(users, identity)).tags
    if tag not in tags:
        _ensure_room(len(tags), MOST_HASHTAGS, "follow", "hashtags", "name")


def _ensure_room(held: int, most: int, act: str, what: str, field: str) -> None:
    if held >= most:
        raise RefusalError.of(UserErrorCode.FORBIDDEN, f"You {act} {held:,} {what} already, which is the most.", field)
