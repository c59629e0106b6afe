"""Suggestions whom to follow: friends of friends, then people who are followed much and active this week."""

from collections.abc import Collection, Sequence
from enum import StrEnum
from typing import Final, NamedTuple

from core.ids import UserId, wall_ms
from core.trends.scoring import DAY_MS
from datastore.records.users import UserRecord
from datastore.timelines.rules import may_find
from datastore.users.stores import UserStores
from datastore.users.viewpoint_records import Viewpoint
from resolvers.identity import Identity
from resolvers.pages import check_first
from resolvers.viewpoints import viewpoint_of

_ACTIVE_MS: Final = 7 * DAY_MS
# People looked at to fill a list up, most followed first.
_READ_AT_ONCE, _ROUNDS = 200, 3


class SuggestionReason(StrEnum):
    FOLLOWED_BY_FOLLOWEES = "FOLLOWED_BY_FOLLOWEES"
    POPULAR = "POPULAR"


class Suggestion(NamedTuple):
    """`mutuals`: how many of the viewer's followees follow them."""

    user: UserRecord
    reason: SuggestionReason
    mutuals: int = 0


async def who_to_follow(users: UserStores, identity: Identity, first: int) -> list[Suggestion]:
    """Friends of friends, most mutual follows first, then others, most followers first.

    Nobody already followed or asked, nobody protected, limited, blocked or muted.

    Raises BadInputError unless `first` is 1 to 100.
    """
    check_first(first)
    view = await viewpoint_of(users, identity)
    asked = await users.follow_requests.all_targets(identity.user_id)
    without = {*view.circle, *view.unwelcome, *map(UserId, asked)}
    friends = await _friends(users, view, without, first)
    if len(friends) == first:
        return friends
    popular = await _popular(users, without | {friend.user.id for friend in friends}, first - len(friends))
    return friends + [Suggestion(user, SuggestionReason.POPULAR) for user in popular]


async def _friends(
    user_stores: UserStores, view: Viewpoint, without: Collection[UserId], wanted: int
) -> list[Suggestion]:
    """Those whom the viewer's followees follow, most mutual follows first."""
    friends, passed = list[Suggestion](), set(without)
    for count in (wanted << number for number in range(_ROUNDS)):
        found = await user_stores.follows.followed_by_most(sorted(view.followees), sorted(passed), count)
        users = await user_stores.accounts.get_many([user_id for user_id, _ in found])
        friends += [
            Suggestion(user, SuggestionReason.FOLLOWED_BY_FOLLOWEES, mutuals)
            for user, (_, mutuals) in zip(users, found, strict=True)
            if user is not None and may_find(view, user)
        ]
        if len(friends) >= wanted or len(found) < count:
            break
        passed.update(user_id for user_id, _ in found)
    return friends[:wanted]


async def _popular(users: UserStores, without: set[UserId], wanted: int) -> list[UserRecord]:
    store, since_ms = users.suggestions, wall_ms() - _ACTIVE_MS
    chosen: list[UserRecord] = []
    for round_ in range(_ROUNDS):
        found = await store.most_followed(without, round_ * _READ_AT_ONCE, _READ_AT_ONCE)
        active = await store.active_among(found, since_ms) if found else set()
        people = await _existing(users, [user_id for user_id in found if user_id in active])
        chosen += [user for user in people if not (user.is_protected or user.is_limited)]
        if len(chosen) >= wanted or len(found) < _READ_AT_ONCE:
            break
    return chosen[:wanted]


async def _existing(users: UserStores, ids: Sequence[UserId]) -> list[UserRecord]:
    return [user for user in await users.accounts.get_many(ids) if user is not None]
