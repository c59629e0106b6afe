"""Requests to follow the viewer's protected account."""

from core.errors import RefusalError, UserErrorCode
from core.ids import UserId
from datastore.graph.follow_notices import follow_notice
from datastore.jobs.jobs import Merge
from datastore.records.users import UserRecord
from datastore.users.stores import UserStores
from resolvers.enqueue import try_enqueue
from resolvers.identity import Identity
from resolvers.pages import Page
from resolvers.services import Services
from resolvers.visibility import existing_user
from resolvers.visible_pages import page_of_users


async def accept(services: Services, identity: Identity, user_id: UserId) -> UserRecord:
    """Turns the request into a follow; idempotent. Raises RefusalError NOT_FOUND without a request or a follow."""
    user = await existing_user(services.stores.users, user_id, "userId")
    act = Merge(services.stores.ids(), user_id, identity.user_id)
    decided = await services.stores.users.follow_requests.accept(act)
    await services.stores.users.viewpoints.invalidate(user_id)
    await services.stores.users.counts.invalidate(user_id, identity.user_id)
    if decided is not None:
        await try_enqueue(services.stores, act, decided, follow_notice(act))
    elif not await services.stores.users.follows.followers_among(identity.user_id, [user_id]):
        raise RefusalError.of(UserErrorCode.NOT_FOUND, "They have not asked to follow you.", "userId")
    return user


async def reject(services: Services, identity: Identity, user_id: UserId) -> UserRecord:
    """Idempotent. Raises RefusalError NOT_FOUND for an unknown user."""
    user = await existing_user(services.stores.users, user_id, "userId")
    decided = await services.stores.users.follow_requests.end(user_id, identity.user_id)
    if decided is not None:
        await try_enqueue(services.stores, decided)
    return user


async def pending_requests(users: UserStores, identity: Identity, first: int, before: int | None) -> Page[UserRecord]:
    """Users who requested to follow the viewer, newest request first."""
    requests = users.follow_requests
    return await page_of_users(
        users, lambda place, count: requests.sources(identity.user_id, place, count), first, before
    )
