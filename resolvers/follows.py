"""Following and its undoing; both may be said twice. The timeline follows by a job."""

from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from typing import Any

from core.errors import Refusal, UserErrorCode
from core.ids import UserId
from datastore.follows import FollowEdge
from datastore.jobs import Merge, Unmerge
from datastore.users import UserRecord
from resolvers.jobs import hand_over
from resolvers.pages import Edge, Page, check_first, page_of
from resolvers.services import Services
from resolvers.sessions import Identity

_EdgesBefore = Callable[[UserId, int | None, int], Coroutine[Any, Any, list[FollowEdge]]]


@dataclass(frozen=True, slots=True)
class RelationshipRecord:
    """How the viewer stands to somebody."""

    is_following: bool = False
    is_followed_by: bool = False


async def follow(services: Services, identity: Identity, user_id: UserId) -> UserRecord:
    """Raises Refusal: INVALID for oneself, NOT_FOUND for nobody."""
    if user_id == identity.user_id:
        raise Refusal.of(UserErrorCode.INVALID, "You can't follow yourself.", "userId")
    user = await _existing(services, user_id)
    act = Merge(services.stores.ids(), identity.user_id, user_id)
    if await services.stores.follows.insert(act):
        await _changed(services, act)
    return user


async def unfollow(services: Services, identity: Identity, user_id: UserId) -> UserRecord:
    """Raises Refusal NOT_FOUND for nobody."""
    user = await _existing(services, user_id)
    act = Unmerge(services.stores.ids(), identity.user_id, user_id)
    if await services.stores.follows.delete(act):
        await _changed(services, act)
    return user


async def followers(services: Services, user_id: UserId, first: int, before: int | None) -> Page[UserRecord]:
    """Newest follower first."""
    return await _people(services, services.stores.follows.followers, user_id, first, before)


async def following(services: Services, user_id: UserId, first: int, before: int | None) -> Page[UserRecord]:
    """Whom they followed last, first."""
    return await _people(services, services.stores.follows.following, user_id, first, before)


async def relationships(
    services: Services, identity: Identity, user_ids: Sequence[UserId]
) -> dict[UserId, RelationshipRecord]:
    """Of the viewer to each of them."""
    followed = await services.stores.follows.followed_among(identity.user_id, user_ids)
    follow_back = await services.stores.follows.followers_among(identity.user_id, user_ids)
    return {other: RelationshipRecord(other in followed, other in follow_back) for other in user_ids}


async def _people(
    services: Services, edges_before: _EdgesBefore, user_id: UserId, first: int, before: int | None
) -> Page[UserRecord]:
    edges = await edges_before(user_id, before, check_first(first) + 1)
    page = page_of(edges, first, lambda edge: edge.act_id, has_previous=before is not None)
    users = await services.stores.users.get_many([edge.node.user_id for edge in page.edges])
    shown = tuple(Edge(edge.place, user) for edge, user in zip(page.edges, users, strict=True) if user is not None)
    return Page(shown, page.has_next, page.has_previous, page.end_place)


async def _existing(services: Services, user_id: UserId) -> UserRecord:
    user = await services.stores.users.get(user_id)
    if user is None:
        raise Refusal.of(UserErrorCode.NOT_FOUND, "There is no such person.", "userId")
    return user


async def _changed(services: Services, act: Merge | Unmerge) -> None:
    await services.stores.viewpoints.forget(act.follower_id)
    await services.stores.users.forget_counts(act.follower_id, act.followee_id)
    await hand_over(services.stores, act)
