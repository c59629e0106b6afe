"""Visibility diffs: publishes to live readers what a change of viewpoint changed in their home timeline, once per act.

Lists keep items that their reader may not see, so removals from a list would not show it. The rules are applied to the
same rows with the sight before and after the act, and the difference goes to the reader's event log. A change of a
person, whom moderators suspend or who protects the account, is one of the sight of all readers. Acts that were not
published yet are published together; a page or an event may have been judged between two of them.
"""

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from core.errors import UnavailableError
from core.ids import TweetId, UserId
from datastore.hydration import hydrate_ids
from datastore.jobs.acts import ViewChange
from datastore.jobs.jobs import ApplyDecision, Job, PublishEdit, Retract, view_change
from datastore.records.items import ItemKind, RetweetRecord, TweetRecord
from datastore.stores import Stores
from datastore.timelines.rules import HydratedItem, home_reason
from datastore.users.viewpoint_records import Viewpoint, viewpoints_before
from workers.timelines.edits import publish_edit_to
from workers.timelines.removals import publish_removal_to
from workers.timelines.retractions import retract_for
from workers.timelines.sights import Change, PeopleChanges, Sight, people_changes, sights_before, unpublished_among

_ATTEMPTS = 20
# The rules are applied to the whole list for each; after more changes a reader reads again.
_MOST_SIGHTS = 16


async def publish_view_change(stores: Stores, job: Job) -> None:
    """Publishes to the reader whose viewpoint the act of this job changed. Raises TypeError for other jobs."""
    changed = view_change(job)
    if changed is None:
        raise TypeError(f"a job that changes nobody's viewpoint: {job!r}")
    reader, change = changed
    if not await stores.timelines.home_log.live_among([reader]):
        return
    act_id: int = getattr(job, "act_id", 0)
    await _publish(stores, reader, act_id, {act_id: change})


async def publish_person_change(stores: Stores, reader: UserId, act_id: int) -> None:
    """Publishes to a reader what an unfinished change of a person changed."""
    await _publish(stores, reader, act_id, {})


async def _publish(stores: Stores, reader: UserId, act_id: int, own: Mapping[int, ViewChange]) -> None:
    for _ in range(_ATTEMPTS):
        if not await stores.timelines.home_log.live_among([reader]):
            return
        view, changes = await _viewpoint_and_changes(stores, reader, own)
        pending = await people_changes(stores)
        found = await _listed(stores, view, changes.values(), pending)
        people = pending.among(_people_of(found))
        unpublished = await unpublished_among(stores, reader, {**changes, **people.by_act})
        if unpublished.keys() - {act_id}:
            # The jobs of these acts will find them published: who judges an item from here on must know them.
            await stores.users.viewpoints.forget(reader)
        followed = await stores.users.follows.followed_among(reader, list(people.now)) if people.now else ()
        own_changes: dict[int, Change] = {**own, **{act: one for act, one in people.by_act.items() if act == act_id}}
        sights = sights_before(view, unpublished, people.now, followed)
        removed, has_added = _difference(found, sights, sights_before(view, own_changes, people.now, followed))
        acts = [act_id, *[act for act in unpublished if act != act_id]]
        if await stores.timelines.home.publish_view_changes(reader, acts, removed, has_added=has_added):
            return
    raise UnavailableError("The event log")


async def _viewpoint_and_changes(
    stores: Stores, reader: UserId, own: Mapping[int, ViewChange]
) -> tuple[Viewpoint, dict[int, ViewChange]]:
    """The viewpoint and the changes that led to it and whose jobs are unfinished, as of one point in time."""
    known = (await stores.jobs.outbox.view_changes([reader]))[reader]
    for _ in range(_ATTEMPTS):
        view = await stores.users.viewpoints.current(reader)
        found = (await stores.jobs.outbox.view_changes([reader]))[reader]
        if found.keys() <= known.keys():
            return view, {**known, **own}
        known = found
    raise UnavailableError("The database")


def _difference(
    found: Sequence[HydratedItem], sights: Sequence[Sight], own: Sequence[Sight]
) -> tuple[list[tuple[ItemKind, int]], bool]:
    """Items that were visible before the changes and are not now, oldest first, and whether to read again: for one that
    is visible now and was not at some moment, or was only at a moment between the changes.

    `sights`: before each unpublished change, oldest first, the current one last; `own`: the same of this act alone.
    """
    now, before = _visible_ids(sights[-1], found), _visible_ids(sights[0], found)
    removed = [_kind_and_id(one) for one in found if one.item.id in before - now]
    if len(sights) > _MOST_SIGHTS:
        return removed[::-1], True
    shown = [before, *[_visible_ids(sight, found) for sight in (*sights[1:-1], own[0])]]
    is_any_back = any(now - one for one in shown)
    was_any_shown_between = any(one - before - now for one in shown)
    return removed[::-1], is_any_back or was_any_shown_between


async def _listed(
    stores: Stores, view: Viewpoint, changes: Iterable[ViewChange], pending: PeopleChanges
) -> list[HydratedItem]:
    """Items of the reader's list, with the retweets of everybody whom they follow in one of the sights.

    What others did to these items and was not told yet is told first: after this change it could not be determined
    any more that the reader had them.
    """
    earlier = [one.followees for one in viewpoints_before(view, changes)]
    followees = view.followees.union(*earlier, pending.now)
    ids = await stores.timelines.home.ids(view.user_id)
    both = msgspec.structs.replace(view, followees=followees)
    found = await hydrate_ids(stores, both, [TweetId(item_id) for item_id in ids])
    changed = [item_id for item_id, one in zip(ids, found, strict=True) if one is None]
    listed = [one for one in found if one is not None]
    changed += [int(one.item.tweet_id) for one in listed if isinstance(one.item, RetweetRecord) and one.tweet is None]
    changed += [int(one.tweet.id) for one in listed if one.tweet is not None and _is_changed(one.tweet)]
    if changed:
        await _tell_first(stores, view.user_id, list(dict.fromkeys(changed)))
    return listed


def _is_changed(tweet: TweetRecord) -> bool:
    return tweet.is_removed or tweet.edit_id is not None


async def _tell_first(stores: Stores, reader: UserId, item_ids: Sequence[int]) -> None:
    for job in await stores.jobs.outbox.changes.about(item_ids):
        match job:
            case Retract():
                await retract_for(stores, job, reader)
            case PublishEdit():
                await publish_edit_to(stores, job, reader)
            case ApplyDecision():
                await publish_removal_to(stores, job, reader)


def _people_of(found: Iterable[HydratedItem]) -> set[UserId]:
    """Authors and retweeters of the items, and whom they answer."""
    people = set[UserId]()
    for one in found:
        people.add(one.item.author_id)
        if one.tweet is not None:
            people.add(one.tweet.author_id)
            people.add(one.tweet.reply_to_author or one.tweet.author_id)
    return people


def _visible_ids(sight: Sight, found: Iterable[HydratedItem]) -> set[int]:
    return {one.item.id for one in found if home_reason(sight.view, sight.item(one)) is not None}


def _kind_and_id(one: HydratedItem) -> tuple[ItemKind, int]:
    kind = ItemKind.RETWEET if isinstance(one.item, RetweetRecord) else ItemKind.TWEET
    return kind, int(one.item.id)
