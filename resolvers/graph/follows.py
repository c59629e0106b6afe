"""Follow and unfollow; both are idempotent. A job updates the home timeline."""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from typing import Any

from core.errors import RateLimitedError, RefusalError, UnavailableError, UserErrorCode
from core.ids import UserId
from core.limits import LimitedAct
from datastore.graph.follow_notices import follow_notice, unfollow_notice
from datastore.graph.follows import FollowEdge
from datastore.jobs.jobs import Merge, Notify, Unmerge
from datastore.mongo.edges import StoredEdge
from datastore.mongo.existence import GoneError
from datastore.records.users import UserRecord
from datastore.timelines.rules import may_see_user
from datastore.users.stores import UserStores
from datastore.users.viewpoint_records import FollowChange, Viewpoint
from resolvers.enqueue import try_enqueue
from resolvers.graph.bounds import ensure_may_follow
from resolvers.identity import Identity
from resolvers.limits.admission import admitted, charges_for
from resolvers.pages import Page, check_first
from resolvers.services import Services
from resolvers.viewpoints import viewpoint_of, viewpoint_unless
from resolvers.visibility import other_user, user_to_undo
from resolvers.visible_pages import page_of_users

# A follow is decided by rows read a moment before; they may change this often before it is written.
_ATTEMPTS = 5
_EdgesBefore = Callable[[UserId, int | None, int], Coroutine[Any, Any, list[FollowEdge]]]


@dataclass(frozen=True, slots=True)
class RelationshipRecord:
    """The viewer's relationship to a user, without whether they follow the viewer."""

    is_following: bool = False
    has_requested_follow: bool = False
    is_blocking: bool = False
    is_muting: bool = False


async def follow(services: Services, identity: Identity, user_id: UserId) -> UserRecord:
    """Sends a request if the account is protected. Raises RefusalError: INVALID, NOT_FOUND, FORBIDDEN after a block.

    FORBIDDEN too for who follows as many as one may. Raises RateLimitedError after too many follows and requests.
    """
    user = await other_user(services.stores.users, identity, user_id, "follow")
    try:
        async with admitted(services, *charges_for(services.act_limits, identity, LimitedAct.FOLLOW)) as admission:
            user, is_new = await _follow(services, identity, user)
    except RateLimitedError:
        if not await _follows_or_asked(services.stores.users, identity, user_id):
            raise
        return user
    if not is_new:
        await admission.give_back()
    return user


async def _follow(services: Services, identity: Identity, user: UserRecord) -> tuple[UserRecord, bool]:
    """The user, and whether the follow or the request is new."""
    view = await viewpoint_of(services.stores.users, identity)
    is_blocked = user.id in view.blocked | view.blockers
    for _ in range(_ATTEMPTS):
        if is_blocked:
            raise RefusalError.of(UserErrorCode.FORBIDDEN, "One of you blocks the other.", "userId")
        await ensure_may_follow(services.stores.users, identity, user.id)
        try:
            return user, await _follow_or_request(services, identity, user)
        except GoneError:
            user = await _uncached_user(services.stores.users, user.id)
            is_blocked = await services.stores.users.blocks.is_blocked_between(identity.user_id, user.id)
    raise UnavailableError("This account")


async def _follow_or_request(services: Services, identity: Identity, user: UserRecord) -> bool:
    """False if it existed. Raises GoneError if the user's row has changed since it was read."""
    stores = services.stores
    if user.is_protected and not await stores.users.follows.followed_among(identity.user_id, [user.id]):
        asked = await stores.users.follow_requests.request(stores.ids(), identity.user_id, user.id)
        if asked is not None:
            await try_enqueue(stores, asked)
        return asked is not None
    act = Merge(stores.ids(), identity.user_id, user.id)
    is_new = await stores.users.follows.insert(act)
    await _changed(services, act, follow_notice(act), act.act_id if is_new else None)
    return is_new


async def _follows_or_asked(users: UserStores, identity: Identity, user_id: UserId) -> bool:
    return bool(
        await users.follows.followed_among(identity.user_id, [user_id])
        or await users.follow_requests.targets_among(identity.user_id, [user_id])
    )


async def _uncached_user(users: UserStores, user_id: UserId) -> UserRecord:
    """Raises RefusalError NOT_FOUND for an unknown user."""
    account = await users.accounts.get_account(user_id)
    if account is None or account.suspended_by is not None:
        raise RefusalError.of(UserErrorCode.NOT_FOUND, "There is no such person.", "userId")
    return account.user


async def unfollow(services: Services, identity: Identity, user_id: UserId) -> UserRecord | None:
    """Withdraws a request too. Raises RefusalError NOT_FOUND for an unknown user; None for somebody suspended."""
    user = await user_to_undo(services.stores.users, user_id, "userId")
    requests = services.stores.users.follow_requests
    if await requests.targets_among(identity.user_id, [user_id]):
        taken_back = await requests.end(identity.user_id, user_id)
        if taken_back is not None:
            await try_enqueue(services.stores, taken_back)
    act = Unmerge(services.stores.ids(), identity.user_id, user_id)
    last_id = await services.stores.users.follows.delete(act)
    await _changed(services, act, unfollow_notice(act), last_id)
    return user


async def remove_follower(services: Services, identity: Identity, user_id: UserId) -> UserRecord:
    """Ends their follow of the viewer, as if they had; they are not told. Raises RefusalError: INVALID, NOT_FOUND."""
    user = await other_user(services.stores.users, identity, user_id, "remove")
    act = Unmerge(services.stores.ids(), user_id, identity.user_id)
    last_id = await services.stores.users.follows.delete(act)
    await _changed(services, act, unfollow_notice(act), last_id)
    return user


async def followers(
    users: UserStores, identity: Identity | None, user_id: UserId, first: int, before: int | None
) -> Page[UserRecord]:
    """Newest follower first; empty if the viewer may not see what the user does.

    Followers whose acts the viewer may not see are left out, but not from the viewer's own list.
    """
    view = await viewpoint_of(users, identity)
    acting_for = await viewpoint_unless(users, identity, user_id)
    return await _people(
        users,
        view,
        users.follows.followers,
        user_id,
        (first, before),
        acting_for=acting_for,
    )


async def following(
    users: UserStores, identity: Identity | None, user_id: UserId, first: int, before: int | None
) -> Page[UserRecord]:
    """Most recently followed first; empty if the viewer may not see what the user does."""
    view = await viewpoint_of(users, identity)
    return await _people(users, view, users.follows.following, user_id, (first, before))


async def followers_you_know(
    users: UserStores, identity: Identity | None, user_id: UserId, first: int, before: int | None
) -> Page[UserRecord]:
    """Followers whom the viewer follows, newest follower first."""
    view = await viewpoint_of(users, identity)

    async def known(user_id: UserId, place: int | None, count: int) -> list[FollowEdge]:
        return await users.follows.known_followers(user_id, sorted(view.followees), place, count)

    return await _people(users, view, known, user_id, (first, before))


async def relationships(services: Services, identity: Identity, user_ids: Sequence[UserId]) -> list[RelationshipRecord]:
    """The viewer's relationship to each user, in the order given.

    Requests are read before follows: accepting turns a request into a follow, so that one of the two reads finds it.
    The viewpoint may lack the newest follow for a moment, and is asked first.
    """
    stores, viewer = services.stores, identity.user_id
    view = await viewpoint_of(services.stores.users, identity)
    following = {user_id for user_id in user_ids if user_id in view.followees}
    asked = set[UserId]()
    if unknown := [user_id for user_id in user_ids if user_id not in following]:
        asked, followed = await stores.users.follows.asked_and_followed_among(viewer, unknown)
        following |= followed
    return [
        RelationshipRecord(
            is_following=other in following,
            has_requested_follow=other in asked - following,
            is_blocking=other in view.blocked,
            is_muting=other in view.muted,
        )
        for other in user_ids
    ]


async def are_followers(users: UserStores, identity: Identity, user_ids: Sequence[UserId]) -> list[bool]:
    """Whether each of the users follows the viewer, in the order given."""
    followers = await users.follows.followers_among(identity.user_id, user_ids)
    return [user_id in followers for user_id in user_ids]


async def _people(
    users: UserStores,
    view: Viewpoint,
    edges: _EdgesBefore,
    user_id: UserId,
    wanted: tuple[int, int | None],
    *,
    acting_for: Viewpoint | None = None,
) -> Page[UserRecord]:
    first, before = wanted
    check_first(first)
    if not may_see_user(view, await users.accounts.get(user_id)):
        return Page((), has_next=False)

    async def acts(place: int | None, count: int) -> list[StoredEdge]:
        return [StoredEdge(edge.act_id, edge.user_id) for edge in await edges(user_id, place, count)]

    return await page_of_users(users, acts, first, before, acting_for=acting_for)


async def _changed(services: Services, act: Merge | Unmerge, notice: Notify, last_id: int | None) -> None:
    """Changes the cached rows, and hands the jobs over, in one round.

    `last_id` is None for an act that changed nothing: it may have been done at this very moment by another request.
    """
    users, change = services.stores.users, FollowChange.FOLLOWED if isinstance(act, Merge) else FollowChange.UNFOLLOWED
    counts = users.counts.invalidate(act.follower_id, act.followee_id)
    if last_id is None:
        await asyncio.gather(counts, users.viewpoints.invalidate(act.follower_id))
        return
    changed = users.viewpoints.follow_changed(act.follower_id, change, act.followee_id, last_id)
    await asyncio.gather(counts, changed, try_enqueue(services.stores, act, notice))
