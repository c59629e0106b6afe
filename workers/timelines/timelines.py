"""Changes of whole home timelines: rebuilds, and merges of items after follows and unfollows."""

from core.ids import TweetId, UserId
from datastore.invalidation import forget_rows
from datastore.jobs.jobs import (
    BuildList,
    Job,
    Merge,
    MergeTag,
    PublishProtection,
    PublishViewChange,
    Rebuild,
    RebuildLists,
    Unmerge,
)
from datastore.rebuild import build_timeline
from datastore.records.items import ItemKind, ItemRecord, RetweetRecord, TweetRecord
from datastore.stores import Stores
from datastore.timelines.home import RemovalNotice
from datastore.users.viewpoint_records import Viewpoint
from workers.timelines.lists import run_list_job
from workers.timelines.protection import publish_protection
from workers.timelines.visibility_diffs import publish_view_change


async def handle(stores: Stores, job: Job) -> None:
    await forget_rows(stores, job)
    match job:
        case Rebuild():
            await build_timeline(stores, job.user_id)
            await stores.jobs.locks.release_rebuild(job.user_id)
        case BuildList() | RebuildLists():
            await run_list_job(stores, job)
        case Merge() | Unmerge() | MergeTag() | PublishViewChange():
            await publish_view_change(stores, job)
            await _merge_or_unmerge(stores, job)
        case PublishProtection():
            await publish_protection(stores, job)
        case _:
            raise TypeError(f"no job of this queue: {job!r}")


async def _merge_or_unmerge(stores: Stores, job: Merge | Unmerge | MergeTag | PublishViewChange) -> None:
    """Changes the list, where the act does more than to hide and show its items."""
    match job:
        case Merge():
            await merge(stores, job)
        case Unmerge():
            await unmerge(stores, job)
        case MergeTag():
            await merge_tag(stores, job)


async def merge(stores: Stores, job: Merge) -> None:
    """Adds items of the followee; nothing is left to do if the follow was undone meanwhile."""
    followees, is_fanout_on_read = await stores.users.viewpoints.current_followees(job.follower_id, job.followee_id)
    if job.followee_id not in followees:
        return
    if is_fanout_on_read:
        await stores.timelines.live_followers.join(job.follower_id, [job.followee_id])
        await stores.users.viewpoints.invalidate(job.follower_id)
    if await stores.timelines.home.exists(job.follower_id):  # a list that is built later has the items
        circle = {job.follower_id, *followees}
        ids = await stores.timelines.candidates.added_by(circle, job.followee_id, stores.timelines.home.length + 1)
        await stores.timelines.home.merge(job.follower_id, ids)


async def merge_tag(stores: Stores, job: MergeTag) -> None:
    """Adds tweets of the hashtag; rules hide them if it was unfollowed meanwhile."""
    ids = await stores.timelines.candidates.tagged(job.tag, stores.timelines.home.length + 1)
    await stores.timelines.home.merge(job.follower_id, ids)


async def unmerge(stores: Stores, job: Unmerge) -> None:
    """Removes items of the former followee without publishing; nothing is left to do if they are followed again.

    Items that belong to the timeline again by the end are put back.
    """
    if await stores.users.follows.followed_among(job.follower_id, [job.followee_id]):
        return
    ids = await stores.timelines.home.ids(job.follower_id)
    found = await stores.tweets.items.get_many([TweetId(item_id) for item_id in ids])
    theirs = [item for item in found if item is not None and _concerns(item, job.followee_id)]
    if not theirs:
        return
    view = await stores.users.viewpoints.current_follows(job.follower_id)
    removed = [item for item in theirs if not _has_followed_tag(item, view)]
    if removed:
        items = [(_kind(item), int(item.id)) for item in removed]
        await stores.timelines.home.remove([job.follower_id], items, RemovalNotice.NOTHING)
    view = await stores.users.viewpoints.current_follows(job.follower_id)
    if job.followee_id in view.followees:
        await merge(stores, Merge(job.act_id, job.follower_id, job.followee_id))
    elif tagged := [int(item.id) for item in removed if _has_followed_tag(item, view)]:
        await stores.timelines.home.merge(job.follower_id, tagged)


def _concerns(item: ItemRecord, followee: UserId) -> bool:
    """Whether the item is by the followee or a reply to them."""
    return item.author_id == followee or (isinstance(item, TweetRecord) and item.reply_to_author == followee)


def _has_followed_tag(item: ItemRecord, view: Viewpoint) -> bool:
    """Whether the item belongs to the timeline by a followed hashtag."""
    return isinstance(item, TweetRecord) and item.reply_to_author is None and not view.tags.isdisjoint(item.tags)


def _kind(item: ItemRecord) -> ItemKind:
    return ItemKind.RETWEET if isinstance(item, RetweetRecord) else ItemKind.TWEET
