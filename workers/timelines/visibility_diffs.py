"""What acts on viewpoints change in home timelines: told to whoever is live, each act once.

A list keeps what its reader may not see any more, so nothing that is taken out of it would tell. What stood before an
act and what stands now are judged by the same rows, and the difference goes to the reader's event log.
"""

from collections.abc import Callable, Iterable, Mapping

import msgspec

from core.errors import UnavailableError
from core.ids import TweetId, UserId
from datastore.hydration import hydrate_ids
from datastore.jobs.jobs import Job, ViewChange, ViewChangeKind, view_change
from datastore.records.items import ItemKind, RetweetRecord
from datastore.stores import Stores
from datastore.timelines.rules import HydratedItem, home_reason
from datastore.users.viewpoints import Viewpoint, viewpoint_before
from workers.timelines.retractions import withdraw_from

_ATTEMPTS = 20
_TAKING_AWAY = (ViewChangeKind.UNFOLLOWED, ViewChangeKind.MUTED, ViewChangeKind.BLOCKED, ViewChangeKind.BLOCKED_BY)
Earlier = Callable[[HydratedItem], HydratedItem]


async def revise(stores: Stores, job: Job) -> None:
    """Tells the reader whose viewpoint the act of this job changed."""
    changed = view_change(job)
    if changed is None:
        raise TypeError(f"a job that changes nobody's viewpoint: {job!r}")
    reader, change = changed
    if change.kind in _TAKING_AWAY:
        await withdraw_from(stores, reader, change.other)
    await _revise(stores, reader, getattr(job, "act_id", 0), {getattr(job, "act_id", 0): change}, _as_it_is)


async def revise_for_author(stores: Stores, reader: UserId, act_id: int, earlier: Earlier) -> None:
    """Tells a reader what an act of somebody else changed; `earlier` makes of an item what it was before."""
    await _revise(stores, reader, act_id, {}, earlier)


async def _revise(stores: Stores, reader: UserId, act_id: int, own: Mapping[int, ViewChange], earlier: Earlier) -> None:
    for _ in range(_ATTEMPTS):
        if not await stores.timelines.home_log.live_among([reader]):
            return
        view, untold = await _viewpoint_and_untold(stores, reader, own)
        gone, has_added = await _difference(stores, view, untold, earlier, own)
        acts = [act_id, *[act for act in untold if act != act_id]]
        if await stores.timelines.home.publish_view_changes(reader, acts, gone, has_added=has_added):
            return
    raise UnavailableError("The event log")


async def _viewpoint_and_untold(
    stores: Stores, reader: UserId, own: Mapping[int, ViewChange]
) -> tuple[Viewpoint, dict[int, ViewChange]]:
    """As of one moment: the viewpoint, and the changes that led to it of which the reader was told nothing."""
    known = (await stores.jobs.outbox.view_changes([reader]))[reader]
    for _ in range(_ATTEMPTS):
        view = await stores.users.viewpoints.current(reader)
        found = (await stores.jobs.outbox.view_changes([reader]))[reader]
        if found.keys() <= known.keys():
            changes = dict(sorted({**known, **own}.items()))
            told = await stores.timelines.home.published_among(reader, list(changes))
            return view, {act: change for act, change in changes.items() if act not in told}
        known = found
    raise UnavailableError("The database")


async def _difference(
    stores: Stores,
    view: Viewpoint,
    untold: Mapping[int, ViewChange],
    earlier: Earlier,
    own: Mapping[int, ViewChange],
) -> tuple[list[tuple[ItemKind, int]], bool]:
    """Items of the list that stood before the changes and do not now, and whether any stands now that did not."""
    then = viewpoint_before(view, untold.values())
    both = msgspec.structs.replace(view, followees=view.followees | then.followees)
    ids = await stores.timelines.home.ids(view.user_id)
    found = [one for one in await hydrate_ids(stores, both, [TweetId(item_id) for item_id in ids]) if one is not None]
    stands = _standing(view, found)
    stood = _standing(then, map(earlier, found))
    without_own = _standing(viewpoint_before(view, own.values()), map(earlier, found))
    gone = [_kind_and_id(one) for one in found if one.item.id in stood - stands]
    return gone[::-1], bool(stands - stood or stands - without_own)


def _standing(view: Viewpoint, found: Iterable[HydratedItem]) -> set[int]:
    return {one.item.id for one in found if home_reason(view, one) is not None}


def _kind_and_id(shown: HydratedItem) -> tuple[ItemKind, int]:
    kind = ItemKind.RETWEET if isinstance(shown.item, RetweetRecord) else ItemKind.TWEET
    return kind, int(shown.item.id)


def _as_it_is(shown: HydratedItem) -> HydratedItem:
    return shown
