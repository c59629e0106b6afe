"""Blocks and mutes; all are idempotent. A block ends follows and requests both ways; muted users notice nothing."""

from core.ids import SnowflakeMaker, UserId
from datastore.jobs.acts import ViewChange, ViewChangeKind
from datastore.jobs.jobs import PublishViewChange, Unmerge
from datastore.records.users import UserRecord
from datastore.users.stores import UserStores
from resolvers.enqueue import try_enqueue
from resolvers.graph.bounds import ensure_may_block, ensure_may_mute
from resolvers.identity import Identity
from resolvers.notifications import announce_unread
from resolvers.pages import Page
from resolvers.services import Services
from resolvers.visibility import other_user, refuse_gone, user_to_undo
from resolvers.visible_pages import page_of_users


async def block(services: Services, identity: Identity, user_id: UserId) -> UserRecord:
    """Raises RefusalError: INVALID for oneself, NOT_FOUND for nobody, FORBIDDEN beyond the bound."""
    user = await other_user(services.stores.users, identity, user_id, "block")
    await ensure_may_block(services.stores.users, identity, user_id)
    stores, ids = services.stores, services.stores.ids
    ends = (Unmerge(ids(), identity.user_id, user_id), Unmerge(ids(), user_id, identity.user_id))
    with refuse_gone(identity, "userId"):
        ended = await stores.users.blocks.block(
            ids(),
            ends,
            _rejudge_jobs(services.stores.ids, identity, user_id, ViewChangeKind.BLOCKED, ViewChangeKind.BLOCKED_BY),
        )
    await stores.users.viewpoints.invalidate(identity.user_id, user_id)
    await stores.users.counts.invalidate(identity.user_id, user_id)
    await try_enqueue(stores, *ended)
    await announce_unread(services.stores, identity.user_id, user_id)
    return user


async def unblock(services: Services, identity: Identity, user_id: UserId) -> UserRecord | None:
    """Does not restore follows. Raises RefusalError NOT_FOUND for an unknown user; None for somebody suspended."""
    user = await user_to_undo(services.stores.users, user_id, "userId")
    judged = _rejudge_jobs(
        services.stores.ids, identity, user_id, ViewChangeKind.UNBLOCKED, ViewChangeKind.UNBLOCKED_BY
    )
    was_blocked = await services.stores.users.blocks.unblock(identity.user_id, user_id, judged)
    await services.stores.users.viewpoints.invalidate(identity.user_id, user_id)
    if was_blocked:
        await try_enqueue(services.stores, *judged)
        await announce_unread(services.stores, identity.user_id, user_id)
    return user


async def mute(services: Services, identity: Identity, user_id: UserId) -> UserRecord:
    """Raises RefusalError: INVALID for oneself, NOT_FOUND for nobody, FORBIDDEN beyond the bound."""
    user = await other_user(services.stores.users, identity, user_id, "mute")
    await ensure_may_mute(services.stores.users, identity, user_id)
    act = PublishViewChange(services.stores.ids(), identity.user_id, ViewChange(ViewChangeKind.MUTED, user_id))
    is_new = await services.stores.users.mutes.mute(act)
    await services.stores.users.viewpoints.invalidate(identity.user_id)
    if is_new:
        await try_enqueue(services.stores, act)
        await announce_unread(services.stores, identity.user_id)
    return user


async def unmute(services: Services, identity: Identity, user_id: UserId) -> UserRecord | None:
    """Raises RefusalError NOT_FOUND for an unknown user; None for somebody suspended."""
    user = await user_to_undo(services.stores.users, user_id, "userId")
    act = PublishViewChange(services.stores.ids(), identity.user_id, ViewChange(ViewChangeKind.UNMUTED, user_id))
    was_muted = await services.stores.users.mutes.unmute(act)
    await services.stores.users.viewpoints.invalidate(identity.user_id)
    if was_muted:
        await try_enqueue(services.stores, act)
        await announce_unread(services.stores, identity.user_id)
    return user


async def blocked_users(users: UserStores, identity: Identity, first: int, before: int | None) -> Page[UserRecord]:
    """Most recently blocked first."""
    blocks = users.blocks
    return await page_of_users(
        users, lambda place, count: blocks.targets(identity.user_id, place, count), first, before
    )


async def muted_users(users: UserStores, identity: Identity, first: int, before: int | None) -> Page[UserRecord]:
    """Most recently muted first."""
    mutes = users.mutes
    return await page_of_users(users, lambda place, count: mutes.targets(identity.user_id, place, count), first, before)


def _rejudge_jobs(
    ids: SnowflakeMaker, identity: Identity, other: UserId, mine: ViewChangeKind, theirs: ViewChangeKind
) -> tuple[PublishViewChange, PublishViewChange]:
    """Jobs that apply rules again to the home timelines of both."""
    return (
        PublishViewChange(ids(), identity.user_id, ViewChange(mine, other)),
        PublishViewChange(ids(), other, ViewChange(theirs, identity.user_id)),
    )
