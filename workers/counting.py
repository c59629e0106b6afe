"""Counts targets: adds their pending increments, and takes back acts that nobody could find when they were written."""

from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress

from core.ids import TweetId, UserId
from datastore.counts.increments import PendingIncrement
from datastore.counts.pending import Check, CountStore, GoneActorsError, GoneTargetsError
from datastore.graph.unfounded_follows import UnfoundedFollowsError
from datastore.jobs.jobs import Merge
from datastore.jobs.queue import enqueue
from datastore.mongo.existence import GoneError
from datastore.records.items import RetweetRecord
from datastore.stores import Stores
from datastore.tweets.counts import Counted
from workers.accounts import delete_follows, delete_item, delete_items, unfollow, unlike

_Clear = Callable[[Stores, int], Awaitable[None]]


async def count(stores: Stores, tweet_ids: Sequence[int]) -> None:
    """Adds the pending increments of these tweets. Acts on a deleted tweet, or by a deleted user, are taken back."""
    await _count(stores, stores.tweets.pending_counts, tweet_ids, _clear_tweet)


async def count_users(stores: Stores, user_ids: Sequence[int]) -> None:
    """Adds the pending increments of these users. What a deleted user did, and unfounded follows, are taken back."""
    await _count(stores, stores.users.pending_counts, user_ids, _clear_user, stores.users.follows.check_founded)


async def _count(
    stores: Stores, counts: CountStore, targets: Sequence[int], clear: _Clear, check: Check | None = None
) -> None:
    """Increments of deleted targets are dropped last, so that if this worker dies another one clears them again."""
    try:
        await counts.apply(targets, check)
    except (UnfoundedFollowsError, GoneActorsError) as error:
        await _take_back_all(stores, error)
        await _count(stores, counts, targets, clear, check)
    except GoneTargetsError:
        deleted = await counts.deleted_among(targets)
        for target in deleted:
            while pending := await counts.pending_of(target):
                await clear(stores, target)
                await counts.drop(pending)
        if existing := [target for target in targets if target not in deleted]:
            await _count(stores, counts, existing, clear, check)


async def _clear_tweet(stores: Stores, target: int) -> None:
    await stores.tweets.likes.delete_to(target)
    while (act := await stores.tweets.retweets.delete_next_of(stores.ids(), TweetId(target))) is not None:
        await enqueue(stores.jobs.redis, act)


async def _clear_user(stores: Stores, target: int) -> None:
    await delete_items(stores, UserId(target))
    await delete_follows(stores, UserId(target))


async def _take_back_all(stores: Stores, error: UnfoundedFollowsError | GoneActorsError) -> None:
    if isinstance(error, GoneActorsError):
        for increment in error.increments:
            await _take_back(stores, increment)
    else:
        for follow in error.follows:
            await _take_back_follow(stores, follow)


async def _take_back(stores: Stores, increment: PendingIncrement) -> None:
    """An act by a user who is deleted."""
    actor, target = UserId(increment.actor), TweetId(increment.target)
    if increment.collection == "likes":
        await unlike(stores, actor, target)
    elif increment.counted == Counted.RETWEETS:
        await delete_item(stores, RetweetRecord(TweetId(increment.act_id), actor, target, UserId(0)))
    elif (item := await stores.tweets.items.get(TweetId(increment.act_id))) is not None:
        await delete_item(stores, item)


async def _take_back_follow(stores: Stores, follow: Merge) -> None:
    """A follow of an account that was protected at that moment becomes a request, unless one of the two blocks."""
    await unfollow(stores, follow.follower_id, follow.followee_id)
    with suppress(GoneError):
        requests = stores.users.follow_requests
        requested = await requests.request(stores.ids(), follow.follower_id, follow.followee_id)
        if requested is not None:
            await enqueue(stores.jobs.redis, requested)
