"""Mutes: one document each, which holds what the reader's timeline does not follow yet."""

import asyncio

from datastore.jobs.acts import ViewChange, ViewChangeKind
from datastore.jobs.jobs import PublishViewChange
from datastore.mongo.acts import UNDONE
from datastore.stores import Stores
from tests.datastore.opened import new_users


def mute_of(stores: Stores, user: int, other: int, kind: ViewChangeKind = ViewChangeKind.MUTED) -> PublishViewChange:
    return PublishViewChange(stores.ids(), user, ViewChange(kind, other))  # type: ignore[arg-type]


async def test_a_mute_and_its_undoing_leave_their_jobs_until_they_are_finished(opened: Stores) -> None:
    alice, bob, carol = await new_users(opened, "alice", "bob", "carol")
    mutes, outbox = opened.users.mutes, opened.jobs.outbox
    muted, kept = mute_of(opened, alice, bob), mute_of(opened, alice, carol)
    assert all(await asyncio.gather(mutes.mute(muted), mutes.mute(kept)))
    assert not await mutes.mute(mute_of(opened, alice, bob))
    assert await outbox.unfinished(-1_000, 100) == [muted, kept]
    assert await outbox.view_changes([alice, bob]) == {
        alice: {muted.act_id: muted.change, kept.act_id: kept.change},
        bob: {},
    }
    unmuted = mute_of(opened, alice, bob, ViewChangeKind.UNMUTED)
    assert await mutes.unmute(unmuted)
    assert not await mutes.unmute(mute_of(opened, alice, bob, ViewChangeKind.UNMUTED))
    assert await outbox.unfinished(-1_000, 100) == [kept, unmuted]
    changes = {muted.act_id: muted.change, kept.act_id: kept.change, unmuted.act_id: unmuted.change}
    assert (await outbox.view_changes([alice]))[alice] == changes
    await outbox.finish_many([muted, kept])
    assert (await outbox.view_changes([alice]))[alice] == {unmuted.act_id: unmuted.change}
    await outbox.finish_many([unmuted])
    assert await outbox.unfinished(-1_000, 100) == []
    assert await opened.mongo.collection(UNDONE).count_documents({}) == 0
    assert await mutes.all_targets(alice) == [carol]
