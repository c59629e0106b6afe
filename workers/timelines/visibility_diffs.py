"""Visibility diffs: publishes to live readers what a change of viewpoint changed in their home timeline, once per act.

Lists keep items that their reader may not see, so removals from a list would not show it. The rules are applied to the
same rows with the viewpoint before and after the act, and the difference goes to the reader's event log. Acts that were
not published yet are published together; a page or an event may have been judged between two of them.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence

import msgspec

from core.errors import UnavailableError
from core.ids import TweetId, UserId
from datastore.hydration import hydrate_ids
from datastore.jobs.jobs import Job, ViewChange, view_change
from datastore.records.items import ItemKind, RetweetRecord
from datastore.stores import Stores
from datastore.timelines.rules import HydratedItem, home_reason
from datastore.users.viewpoints import Viewpoint, viewpoints_before
from workers.timelines.retractions import retract_gone

_ATTEMPTS = 20
# Each viewpoint is applied to the whole list; after more acts a reader reads again.
_MOST_VIEWPOINTS = 16
Earlier = Callable[[HydratedItem], HydratedItem]
EarlierView = Callable[[Viewpoint], Viewpoint]


async def publish_view_change(stores: Stores, job: Job) -> None:
    """Publishes to the reader whose viewpoint the act of this job changed. Raises TypeError for other jobs."""
    changed = view_change(job)
    if changed is None:
        raise TypeError(f"a job that changes nobody's viewpoint: {job!r}")
    reader, change = changed
    if not await stores.timelines.home_log.live_among([reader]):
        return
    act_id: int = getattr(job, "act_id", 0)
    await _publish(stores, reader, act_id, {act_id: change}, _unchanged, _same_view)


async def publish_author_change(
    stores: Stores, reader: UserId, act_id: int, earlier: Earlier, earlier_view: EarlierView | None = None
) -> None:
    """Publishes to a reader what an act of an author, or on them, changed.

    `earlier` turns an item, `earlier_view` the reader's viewpoint into their states before; None: it is the same.
    """
    await _publish(stores, reader, act_id, {}, earlier, earlier_view or _same_view)


async def _publish(
    stores: Stores,
    reader: UserId,
    act_id: int,
    own: Mapping[int, ViewChange],
    earlier: Earlier,
    view_before: EarlierView,
) -> None:
    for _ in range(_ATTEMPTS):
        if not await stores.timelines.home_log.live_among([reader]):
            return
        view, unpublished = await _viewpoint_and_unpublished(stores, reader, own)
        if unpublished.keys() - own.keys():
            # The jobs of these acts will find them published: who judges an item from here on must know them.
            await stores.users.viewpoints.forget(reader)
        views = [*viewpoints_before(view, unpublished.values()), *viewpoints_before(view, own.values()), view]
        removed, has_added = await _difference(stores, views, earlier, view_before)
        acts = [act_id, *[act for act in unpublished if act != act_id]]
        if await stores.timelines.home.publish_view_changes(reader, acts, removed, has_added=has_added):
            return
    raise UnavailableError("The event log")


async def _viewpoint_and_unpublished(
    stores: Stores, reader: UserId, own: Mapping[int, ViewChange]
) -> tuple[Viewpoint, dict[int, ViewChange]]:
    """The viewpoint and the changes that led to it and were not published yet, as of one point in time."""
    known = (await stores.jobs.outbox.view_changes([reader]))[reader]
    for _ in range(_ATTEMPTS):
        view = await stores.users.viewpoints.current(reader)
        found = (await stores.jobs.outbox.view_changes([reader]))[reader]
        if found.keys() <= known.keys():
            changes = dict(sorted({**known, **own}.items()))
            published = await stores.timelines.home.published_among(reader, list(changes))
            return view, {act: change for act, change in changes.items() if act not in published}
        known = found
    raise UnavailableError("The database")


async def _difference(
    stores: Stores, views: Sequence[Viewpoint], earlier: Earlier, view_before: EarlierView
) -> tuple[list[tuple[ItemKind, int]], bool]:
    """Items of the list that were visible before the changes and are not now, and whether to read again: for one that
    is visible now and was not at some moment, or was only at a moment between the changes.

    `views`: the reader's viewpoints, oldest first; the last one is the current one.
    """
    after, earlier_views = list(dict.fromkeys(views)), list(dict.fromkeys(map(view_before, views)))
    followees = frozenset[UserId]().union(*[view.followees for view in (*after, *earlier_views)])
    found = await _listed(stores, msgspec.structs.replace(views[-1], followees=followees))
    was = [earlier(one) for one in found]
    now, before = _visible_ids(views[-1], found), _visible_ids(earlier_views[0], was)
    removed = [_kind_and_id(one) for one in found if one.item.id in before - now]
    if len(after) > _MOST_VIEWPOINTS:
        return removed[::-1], True
    shown = [_visible_ids(view, was) for view in earlier_views]
    shown += [_visible_ids(view, found) for view in after if earlier is not _unchanged]
    is_any_back = any(now - one for one in shown)
    was_any_shown_between = any(one - before - now for one in shown)
    return removed[::-1], is_any_back or was_any_shown_between


async def _listed(stores: Stores, view: Viewpoint) -> list[HydratedItem]:
    """Items of the reader's list. What was deleted of them, or of what they show, is told first."""
    ids = await stores.timelines.home.ids(view.user_id)
    found = await hydrate_ids(stores, view, [TweetId(item_id) for item_id in ids])
    gone = [item_id for item_id, one in zip(ids, found, strict=True) if one is None]
    listed = [one for one in found if one is not None]
    gone += [int(one.item.tweet_id) for one in listed if isinstance(one.item, RetweetRecord) and one.tweet is None]
    if gone:
        await retract_gone(stores, view.user_id, gone)
    return listed


def _visible_ids(view: Viewpoint, found: Iterable[HydratedItem]) -> set[int]:
    return {one.item.id for one in found if home_reason(view, one) is not None}


def _kind_and_id(one: HydratedItem) -> tuple[ItemKind, int]:
    kind = ItemKind.RETWEET if isinstance(one.item, RetweetRecord) else ItemKind.TWEET
    return kind, int(one.item.id)


def _unchanged(item: HydratedItem) -> HydratedItem:
    return item


def _same_view(view: Viewpoint) -> Viewpoint:
    return view
