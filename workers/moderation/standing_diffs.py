"""Streams after a decision about a person: readers who are live are told what left their timelines, or came back."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Final

from msgspec import structs

from core.ids import UserId
from datastore.jobs.jobs import ApplyDecision
from datastore.records.users import UserRecord
from datastore.stores import Stores
from datastore.timelines.rules import HydratedItem
from datastore.users.viewpoints import Viewpoint
from workers.timelines.fanout_targets import target_pages
from workers.timelines.lists import tell_lists_of
from workers.timelines.protection import possible_readers, publish_unread_counts
from workers.timelines.visibility_diffs import Earlier, publish_author_change

MOST_DIFFS: Final = 100
"""Readers whose timelines are compared; all others who are live are told to read again."""
_Publish = Callable[[Sequence[UserId]], Awaitable[None]]


async def publish_suspension(stores: Stores, job: ApplyDecision, user: UserRecord) -> None:
    """To followers, and to whom others brought the person's tweets. Does nothing if the job is finished."""
    earlier = _with_author(structs.replace(user, is_suspended=not user.is_suspended))

    async def publish(readers: Sequence[UserId]) -> None:
        followers = await stores.users.follows.followers_among(user.id, readers)
        for reader in readers:
            was_followed = user.is_suspended and reader in followers
            view_before = _with_followee(user.id) if was_followed else _without_followee(user.id)
            await publish_author_change(stores, reader, job.act_id, earlier, view_before)

    await _publish(stores, job, user.id, _readers(stores, user.id, job.act_id), publish)


async def publish_limit(stores: Stores, job: ApplyDecision, user: UserRecord) -> None:
    """To whom others brought the person's tweets; followers see no change. Does nothing if the job is finished."""
    earlier = _with_author(structs.replace(user, is_limited=not user.is_limited))

    async def publish(readers: Sequence[UserId]) -> None:
        for reader in readers:
            await publish_author_change(stores, reader, job.act_id, earlier)

    await _publish(stores, job, user.id, possible_readers(stores, user.id, job.act_id), publish)


async def _publish(
    stores: Stores, job: ApplyDecision, user_id: UserId, pages: AsyncIterator[list[UserId]], publish: _Publish
) -> None:
    if not await stores.jobs.outbox.is_pending(job):
        return
    await tell_lists_of(stores, job.act_id, [user_id])
    done: set[UserId] = set()
    async for page in pages:
        live = await stores.timelines.home_log.live_among([one for one in dict.fromkeys(page) if one not in done])
        few = live[: max(MOST_DIFFS - len(done), 0)]
        done.update(live)
        if few:
            await publish(few)
        for reader in live[len(few) :]:
            await stores.timelines.home.publish_view_changes(reader, [job.act_id], [], has_added=True)
    await publish_unread_counts(stores, user_id)


async def _readers(stores: Stores, user_id: UserId, act_id: int) -> AsyncIterator[list[UserId]]:
    async for page in target_pages(stores, user_id):
        yield page
    async for page in possible_readers(stores, user_id, act_id):
        yield page


def _with_author(before: UserRecord) -> Earlier:
    """Items as they were when the person's profile was this one."""

    def earlier(item: HydratedItem) -> HydratedItem:
        return structs.replace(item, author=_replaced(item.author, before), poster=_replaced(item.poster, before))

    return earlier


def _replaced(one: UserRecord | None, before: UserRecord) -> UserRecord | None:
    return before if one is not None and one.id == before.id else one


def _with_followee(user_id: UserId) -> Callable[[Viewpoint], Viewpoint]:
    return lambda view: structs.replace(view, followees=view.followees | {user_id})


def _without_followee(user_id: UserId) -> Callable[[Viewpoint], Viewpoint]:
    return lambda view: structs.replace(view, followees=view.followees - {user_id})
