"""Blocks and mutes; both may be said twice. A block ends follows and requests both ways; the muted notice nothing."""

from core.ids import UserId
from datastore.jobs import Unmerge
from datastore.users import UserRecord
from resolvers.jobs import hand_over
from resolvers.lists import people_of_acts
from resolvers.notifications import judge_anew
from resolvers.pages import Page
from resolvers.services import Services
from resolvers.sessions import Identity
from resolvers.visibility import existing_person, other_person, while_it_stands


async def block(services: Services, identity: Identity, user_id: UserId) -> UserRecord:
    """Raises RefusalError: INVALID for oneself, NOT_FOUND for nobody."""
    user = await other_person(services, identity, user_id, "block")
    stores, ids = services.stores, services.stores.ids
    ends = (Unmerge(ids(), identity.user_id, user_id), Unmerge(ids(), user_id, identity.user_id))
    with while_it_stands(identity, "userId"):
        ended = await stores.blocks.block(ids(), ends)
    await stores.viewpoints.forget(identity.user_id, user_id)
    await stores.users.forget_counts(identity.user_id, user_id)
    await hand_over(stores, *ended)
    await judge_anew(services, identity.user_id, user_id)
    return user


async def unblock(services: Services, identity: Identity, user_id: UserId) -> UserRecord:
    """Brings no follow back. Raises RefusalError NOT_FOUND for nobody."""
    user = await existing_person(services, user_id, "userId")
    was_blocked = await services.stores.blocks.delete(identity.user_id, user_id)
    await services.stores.viewpoints.forget(identity.user_id, user_id)
    if was_blocked:
        await judge_anew(services, identity.user_id, user_id)
    return user


async def mute(services: Services, identity: Identity, user_id: UserId) -> UserRecord:
    """Raises RefusalError: INVALID for oneself, NOT_FOUND for nobody."""
    user = await other_person(services, identity, user_id, "mute")
    is_new = await services.stores.mutes.insert(services.stores.ids(), identity.user_id, user_id)
    await services.stores.viewpoints.forget(identity.user_id)
    if is_new:
        await judge_anew(services, identity.user_id)
    return user


async def unmute(services: Services, identity: Identity, user_id: UserId) -> UserRecord:
    """Raises RefusalError NOT_FOUND for nobody."""
    user = await existing_person(services, user_id, "userId")
    was_muted = await services.stores.mutes.delete(identity.user_id, user_id)
    await services.stores.viewpoints.forget(identity.user_id)
    if was_muted:
        await judge_anew(services, identity.user_id)
    return user


async def blocked_users(services: Services, identity: Identity, first: int, before: int | None) -> Page[UserRecord]:
    """The newest block first."""
    blocks = services.stores.blocks
    return await people_of_acts(
        services, lambda place, count: blocks.targets(identity.user_id, place, count), first, before
    )


async def muted_users(services: Services, identity: Identity, first: int, before: int | None) -> Page[UserRecord]:
    """The newest mute first."""
    mutes = services.stores.mutes
    return await people_of_acts(
        services, lambda place, count: mutes.targets(identity.user_id, place, count), first, before
    )
