"""Home timelines as a whole: made anew, joined with somebody's past, rid of it."""

from core.ids import TweetId, UserId
from datastore.jobs.jobs import Job, Merge, MergeTag, PublishProtection, PublishViewChange, Rebuild, Unmerge
from datastore.rebuild import build_timeline
from datastore.records.items import ItemKind, ItemRecord, RetweetRecord, TweetRecord
from datastore.stores import Stores
from datastore.timelines.home import RemovalNotice
from datastore.users.viewpoints import Viewpoint
from workers.timelines.protection import guard
from workers.timelines.visibility_diffs import revise


async def handle(stores: Stores, job: Job) -> None:
    match job:
        case Rebuild():
            await build_timeline(stores, job.user_id)
            await stores.jobs.locks.release_rebuild(job.user_id)
        case Merge():
            await revise(stores, job)
            await merge(stores, job)
        case Unmerge():
            await revise(stores, job)
            await unmerge(stores, job)
        case MergeTag():
            await revise(stores, job)
            await merge_tag(stores, job)
        case PublishViewChange():
            await revise(stores, job)
        case PublishProtection():
            await guard(stores, job)
        case _:
            raise TypeError(f"no job of this queue: {job!r}")


async def merge(stores: Stores, job: Merge) -> None:
    """Nothing to do where the follow was undone meanwhile."""
    view = await stores.users.viewpoints.current(job.follower_id)
    if job.followee_id in view.followees:
        if job.followee_id in view.fanout_on_read:
            await stores.timelines.live_followers.join(job.follower_id, [job.followee_id])
        ids = await stores.timelines.candidates.added_by(view, job.followee_id, stores.timelines.home.length + 1)
        await stores.timelines.home.merge(job.follower_id, ids)


async def merge_tag(stores: Stores, job: MergeTag) -> None:
    """Once it is no longer followed, rules keep it out."""
    ids = await stores.timelines.candidates.tagged(job.tag, stores.timelines.home.length + 1)
    await stores.timelines.home.merge(job.follower_id, ids)


async def unmerge(stores: Stores, job: Unmerge) -> None:
    """Tells nothing. Nothing to do where they follow again; what belongs there again under way is put back."""
    view = await stores.users.viewpoints.current_follows(job.follower_id)
    if job.followee_id in view.followees:
        return
    ids = await stores.timelines.home.ids(job.follower_id)
    found = await stores.tweets.items.get_many([TweetId(item_id) for item_id in ids])
    came = [item for item in found if item is not None and _came_by(item, job.followee_id)]
    gone = [item for item in came if not _came_by_tag(item, view)]
    if gone:
        items = [(_kind(item), int(item.id)) for item in gone]
        await stores.timelines.home.remove([job.follower_id], items, RemovalNotice.NOTHING)
    view = await stores.users.viewpoints.current_follows(job.follower_id)
    if job.followee_id in view.followees:
        await merge(stores, Merge(job.act_id, job.follower_id, job.followee_id))
    elif tagged := [int(item.id) for item in gone if _came_by_tag(item, view)]:
        await stores.timelines.home.merge(job.follower_id, tagged)


def _came_by(item: ItemRecord, followee: UserId) -> bool:
    """Written by them, or an answer to them."""
    return item.author_id == followee or (isinstance(item, TweetRecord) and item.reply_to_author == followee)


def _came_by_tag(item: ItemRecord, view: Viewpoint) -> bool:
    """Stands there for a hashtag, whoever wrote it."""
    return isinstance(item, TweetRecord) and item.reply_to_author is None and not view.tags.isdisjoint(item.tags)


def _kind(item: ItemRecord) -> ItemKind:
    return ItemKind.RETWEET if isinstance(item, RetweetRecord) else ItemKind.TWEET
