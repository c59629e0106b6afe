"""Handler of account jobs: accepts follow requests of accounts that went public, and deletes accounts.

It also repeats what Redis did not take of changed profiles and ended sessions.

Each step is an act of its own, so a worker that dies leaves nothing half done, and another continues from there.
"""

from core.ids import TweetId, UserId
from core.limits import user_subject
from core.text.emails import as_sent
from datastore.graph.follow_notices import follow_notice, unfollow_notice
from datastore.invalidation import forget_rows
from datastore.jobs.jobs import (
    AcceptFollowRequests,
    DeleteAccount,
    EndAccessTokens,
    EndSessions,
    ErasePerson,
    ForgetProfile,
    Job,
    Merge,
    Notify,
    Retract,
    Unmerge,
)
from datastore.jobs.queue import enqueue
from datastore.mongo.bulk import chunked
from datastore.records.items import ItemKind, ItemRecord, RetweetRecord
from datastore.redis import keys
from datastore.redis.client import failures_as_unavailable, send_all
from datastore.stores import Stores
from datastore.tweets.likes import unlike_notice
from datastore.tweets.retweets import unretweet_notice
from datastore.tweets.store import unpost_notice
from workers.timelines.lists import rebuild_lists
from workers.timelines.retractions import retract

_AT_ONCE = 100


async def handle(stores: Stores, job: Job) -> None:
    match job:
        case AcceptFollowRequests():
            await forget_rows(stores, job)
            await accept_follow_requests(stores, job)
        case DeleteAccount():
            await forget_rows(stores, job)
            await delete_account(stores, job)
        case ErasePerson():
            await erase_person(stores, job.user_id)
        case ForgetProfile():
            await forget_rows(stores, job)
        case EndSessions():
            await stores.users.sessions.forget_ended(job)
        case EndAccessTokens():
            await stores.users.access_tokens.forget_ended(job)
        case _:
            raise TypeError(f"no job of this queue: {job!r}")


async def accept_follow_requests(stores: Stores, job: AcceptFollowRequests) -> None:
    """Stops if the account is protected again."""
    while (follower := await stores.users.follow_requests.oldest_requester(job.user_id)) is not None:
        user = await stores.users.accounts.get_uncached(job.user_id)
        if user is None or user.is_protected:
            return
        act = Merge(stores.ids(), follower, job.user_id)
        notice = await stores.users.follow_requests.accept(act)
        if notice is not None:
            await _finish_follow_change(stores, act, notice, follow_notice(act))


async def delete_account(stores: Stores, job: DeleteAccount) -> None:
    user_id = job.user_id
    await delete_items(stores, user_id)
    while edges := await stores.tweets.likes.targets(user_id, None, _AT_ONCE):
        for edge in edges:
            await unlike(stores, user_id, TweetId(edge.other))
    await delete_follows(stores, user_id)
    await _delete_edges(stores, user_id)
    await stores.tweets.bookmarks.delete_from(user_id)
    await stores.tweets.eraser.erase(user_id)
    await stores.notifications.conversation_mutes.delete_of(user_id)
    for change in await stores.notifications.writer.delete_user(user_id):
        await stores.notifications.publisher.publish(change)
    await stores.trends.hashtags.unfollow_all(user_id)
    await stores.users.access_tokens.delete_of(user_id)
    await stores.push.subscriptions.delete_of(user_id)
    await stores.jobs.outbox.pushes.delete_of(user_id)
    await delete_lists(stores, user_id)
    await stores.media.items.remove_of(user_id)
    await stores.timelines.dislikes.delete_of(user_id)
    await stores.ads.campaigns.delete_of(user_id)
    await stores.ads.impressions.delete_of(user_id)
    await stores.timelines.home.drop(user_id)
    await delete_credentials(stores, user_id)
    await stores.ads.unwanted.delete_from(user_id)
    await stores.moderation.reports.delete_of(user_id)
    await stores.moderation.decisions.delete_of(user_id)
    await stores.limits.acts.forget(user_subject(user_id))
    await stores.jobs.outbox.add(None, ErasePerson(stores.ids(), user_id))
    await stores.users.accounts.delete(user_id)


async def erase_person(stores: Stores, user_id: UserId) -> None:
    """The sweeper issues this job some seconds after the deletion: jobs, and sockets that were open, are done then."""
    await stores.notifications.writer.delete_state(user_id)
    await stores.push.subscriptions.delete_of(user_id)
    await stores.jobs.outbox.pushes.delete_of(user_id)
    with failures_as_unavailable():
        await send_all(stores.redis, [("DEL", name) for name in keys.of_person(user_id)])


async def _delete_edges(stores: Stores, user_id: UserId) -> None:
    """Deletes requests, blocks and mutes by and of the user; others' viewpoints forget them."""
    await stores.users.follow_requests.delete_from(user_id)
    await stores.users.follow_requests.delete_to(user_id)
    others = set[int]()
    for edges in (stores.users.blocks, stores.users.mutes):
        others.update(await edges.all_targets(user_id), await edges.all_sources(user_id))
        await edges.delete_from(user_id)
        await edges.delete_to(user_id)
    for some in chunked(sorted(others), _AT_ONCE):
        with failures_as_unavailable():
            await stores.users.viewpoints.rows.forget(*map(UserId, some))


async def delete_credentials(stores: Stores, user_id: UserId) -> None:
    """Mails that have not left, tokens, devices, and where former handles lead."""
    account = await stores.users.accounts.get_deleted(user_id)
    addresses = [] if account is None else [each for each in (account.email, account.pending_email) if each]
    await stores.jobs.outbox.mails.delete_of(user_id, *addresses)
    await stores.jobs.caught_mails.delete_to(*map(as_sent, addresses))
    await stores.credentials.mail_tokens.delete_of(user_id)
    await stores.credentials.devices.delete_of(user_id)
    await stores.credentials.handles.forget_user(user_id)


async def delete_items(stores: Stores, user_id: UserId) -> None:
    while items := await stores.tweets.items.by_author(user_id, None, _AT_ONCE, with_replies=True):
        for item in items:
            await delete_item(stores, item)
    for act in await stores.jobs.outbox.changes.retractions_of(
        user_id
    ):  # also those of a worker that died or is still running
        await _retract(stores, act)


async def delete_item(stores: Stores, item: ItemRecord) -> None:
    """Deletes the item and retracts it from timelines at once, while the follow edges still exist."""
    act_id = stores.ids()
    if isinstance(item, RetweetRecord):
        undone = await stores.tweets.retweets.delete(act_id, item.author_id, item.tweet_id)
        if undone is not None:
            await enqueue(stores.jobs.redis, unretweet_notice(undone, item.tweet_id))
            await _retract(stores, undone)
        return
    act = Retract(act_id, item.id, item.author_id, ItemKind.TWEET)
    if await stores.tweets.items.delete(act):
        await enqueue(stores.jobs.redis, unpost_notice(act))
        await _retract(stores, act)


async def _retract(stores: Stores, act: Retract) -> None:
    await retract(stores, act)
    await stores.jobs.outbox.finish(act)


async def delete_follows(stores: Stores, user_id: UserId) -> None:
    """Deletes the edges in both directions."""
    while edges := await stores.users.follows.following(user_id, None, _AT_ONCE):
        for edge in edges:
            await unfollow(stores, user_id, edge.user_id)
        await stores.timelines.live_followers.leave(user_id, [edge.user_id for edge in edges])
    while edges := await stores.users.follows.followers(user_id, None, _AT_ONCE):
        for edge in edges:
            await unfollow(stores, edge.user_id, user_id)


async def delete_lists(stores: Stores, user_id: UserId) -> None:
    """Deletes their lists, and takes them out of those of others."""
    while records := await stores.users.lists.of_owner(user_id, None, _AT_ONCE):
        for record in records:
            await stores.users.lists.delete(record.id)
            await stores.timelines.lists.drop(UserId(record.id))
    while list_ids := await stores.users.lists.of_member(user_id, _AT_ONCE):
        for list_id in list_ids:
            job = await stores.users.lists.remove(stores.ids(), list_id, user_id)
            if job is not None:
                await rebuild_lists(stores, job)
                await stores.jobs.outbox.finish(job)
    await stores.timelines.list_audiences.forget(user_id)


async def unlike(stores: Stores, user_id: UserId, tweet_id: TweetId) -> None:
    undo_id = stores.ids()
    if await stores.tweets.likes.unlike(undo_id, user_id, tweet_id):
        await enqueue(stores.jobs.redis, unlike_notice(undo_id, user_id, tweet_id))


async def unfollow(stores: Stores, follower: UserId, followee: UserId) -> None:
    act = Unmerge(stores.ids(), follower, followee)
    if await stores.users.follows.delete(act):
        await _finish_follow_change(stores, act, unfollow_notice(act))


async def _finish_follow_change(stores: Stores, act: Merge | Unmerge, *notices: Notify) -> None:
    await stores.users.viewpoints.invalidate(act.follower_id)
    await stores.users.counts.invalidate(act.follower_id, act.followee_id)
    await enqueue(stores.jobs.redis, act, *notices)
