"""What accounts leave to be done: requests to accept once one is public, everything to delete once one is gone.

Each step is an act of its own, so that a worker that dies leaves nothing half done and another goes on from there.
"""

from core.ids import TweetId, UserId
from datastore.jobs.jobs import AcceptFollowRequests, DeleteAccount, Job, Merge, Notify, Retract, Unmerge
from datastore.jobs.queue import enqueue
from datastore.records.items import ItemKind, ItemRecord, RetweetRecord
from datastore.stores import Stores
from datastore.tweets.retweets import unretweet_notice
from datastore.tweets.store import unpost_notice
from workers.timelines.retractions import withdraw

_AT_ONCE = 100


async def handle(stores: Stores, job: Job) -> None:
    match job:
        case AcceptFollowRequests():
            await accept_all(stores, job)
        case DeleteAccount():
            await delete_account(stores, job)
        case _:
            raise TypeError(f"no job of this queue: {job!r}")


async def accept_all(stores: Stores, job: AcceptFollowRequests) -> None:
    """Stops where the account was protected again meanwhile."""
    while (follower := await stores.users.follow_requests.oldest_requester(job.user_id)) is not None:
        user = await stores.users.accounts.get_uncached(job.user_id)
        if user is None or user.is_protected:
            return
        act = Merge(stores.ids(), follower, job.user_id)
        decided = await stores.users.follow_requests.accept(act)
        if decided is not None:
            await _follow_changed(stores, act, decided)


async def delete_account(stores: Stores, job: DeleteAccount) -> None:
    user_id = job.user_id
    await _delete_items(stores, user_id)
    while edges := await stores.tweets.likes.targets(user_id, None, _AT_ONCE):
        for edge in edges:
            notice = await stores.tweets.likes.unlike(user_id, TweetId(edge.other))
            if notice is not None:
                await enqueue(stores.jobs.redis, notice)
    await delete_follows(stores, user_id)
    for edges_of_user in (stores.users.follow_requests, stores.users.blocks, stores.users.mutes):
        await edges_of_user.delete_from(user_id)
        await edges_of_user.delete_to(user_id)
    await stores.tweets.bookmarks.delete_from(user_id)
    for news in await stores.notifications.writer.delete_user(user_id):
        await stores.notifications.publisher.publish(news)
    await stores.trends.hashtags.unfollow_all(user_id)
    await stores.timelines.home.drop(user_id)
    await stores.users.accounts.delete(user_id)


async def _delete_items(stores: Stores, user_id: UserId) -> None:
    while items := await stores.tweets.items.by_author(user_id, None, _AT_ONCE, with_replies=True):
        for item in items:
            await _delete_item(stores, item)
    for act in await stores.jobs.outbox.retractions_of(user_id):  # of a worker that died, or is at it, too
        await _withdraw(stores, act)


async def _delete_item(stores: Stores, item: ItemRecord) -> None:
    """Out of the timelines at once, while it is known who follows."""
    act_id = stores.ids()
    if isinstance(item, RetweetRecord):
        undone = await stores.tweets.retweets.delete(act_id, item.author_id, item.tweet_id)
        if undone is not None:
            await enqueue(stores.jobs.redis, unretweet_notice(undone, item.tweet_id))
            await _withdraw(stores, undone)
        return
    act = Retract(act_id, item.id, item.author_id, ItemKind.TWEET)
    if await stores.tweets.items.delete(act):
        await enqueue(stores.jobs.redis, unpost_notice(act))
        await _withdraw(stores, act)


async def _withdraw(stores: Stores, act: Retract) -> None:
    await withdraw(stores, act)
    await stores.jobs.outbox.finish(act)


async def delete_follows(stores: Stores, user_id: UserId) -> None:
    """Both ways."""
    while edges := await stores.users.follows.following(user_id, None, _AT_ONCE):
        for edge in edges:
            await _unfollow(stores, user_id, edge.user_id)
    while edges := await stores.users.follows.followers(user_id, None, _AT_ONCE):
        for edge in edges:
            await _unfollow(stores, edge.user_id, user_id)


async def _unfollow(stores: Stores, follower: UserId, followee: UserId) -> None:
    act = Unmerge(stores.ids(), follower, followee)
    notice = await stores.users.follows.delete(act)
    if notice is not None:
        await _follow_changed(stores, act, notice)


async def _follow_changed(stores: Stores, act: Merge | Unmerge, notice: Notify) -> None:
    await stores.users.viewpoints.invalidate(act.follower_id)
    await stores.users.counts.invalidate(act.follower_id, act.followee_id)
    await enqueue(stores.jobs.redis, act, notice)
