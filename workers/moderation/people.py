"""Decisions about people: what follows once their document says that one stands, or stands no more.

Rules hide the person at every read from then on; caches, sessions, streams and counts follow here. Each step reads what
stands now, so that it may be repeated, and may run after a later decision.
"""

import asyncio
from typing import Final

from core.ids import TweetId, UserId
from core.moderation import ModerationAction
from datastore.counts.increments import TWEET_COUNTERS
from datastore.invalidation import forget_rows
from datastore.jobs.jobs import ApplyDecision, RebuildLists
from datastore.moderation.records import DecisionRecord
from datastore.records.users import UserRecord
from datastore.redis.client import failures_as_unavailable
from datastore.stores import Stores
from workers.moderation.standing_diffs import publish_limit, publish_suspension
from workers.timelines.fanout_targets import page_size
from workers.timelines.lists import rebuild_lists

UNDER_WAY_SECONDS: Final = 1.0
"""Acts that a process let through before the decision are written by then."""


async def apply_to_person(stores: Stores, job: ApplyDecision, decision: DecisionRecord) -> None:
    """`job.act_id` is that of the decision, or of its end. May run twice, and after a later decision."""
    await forget_rows(stores, job)
    user = await stores.users.accounts.get_uncached(decision.person_id)
    if user is None:
        return
    begins = job.act_id == decision.id
    match decision.action:
        case ModerationAction.SUSPEND:
            await _apply_suspension(stores, job, user, begins=begins)
        case ModerationAction.LIMIT:
            await stores.users.lists.forget_of_member(user.id)
            if user.is_limited is begins:
                await publish_limit(stores, job, user.id)


async def _apply_suspension(stores: Stores, job: ApplyDecision, user: UserRecord, *, begins: bool) -> None:
    await _forget_followers(stores, user.id)
    await stores.users.lists.forget_of_member(user.id)
    if not user.is_suspended:
        await _rebuild_lists_with(stores, job, user.id)
    if user.is_suspended is begins:
        await publish_suspension(stores, job, user.id)
    await _count(stores, user)
    await asyncio.sleep(UNDER_WAY_SECONDS)
    await _count(stores, user)


async def _forget_followers(stores: Stores, user_id: UserId) -> None:
    """Viewpoints of followers: whom they follow leaves out who is suspended."""
    async for page in stores.users.follows.follower_pages(user_id, page_size(stores)):
        with failures_as_unavailable():
            await stores.users.viewpoints.rows.forget(*page)


async def _rebuild_lists_with(stores: Stores, job: ApplyDecision, user_id: UserId) -> None:
    """Timelines of lists that were built meanwhile lack the person's items."""
    list_ids = await stores.users.lists.all_of_member(user_id)
    await rebuild_lists(stores, RebuildLists(job.act_id, tuple(list_ids)))


async def _count(stores: Stores, user: UserRecord) -> None:
    async for changed in stores.moderation.left_out_acts.follow_standing(user.id, is_suspended=user.is_suspended):
        if changed.spec is TWEET_COUNTERS:
            await stores.tweets.counts.enqueue(*map(TweetId, changed.targets))
        else:
            await stores.users.counts.invalidate(*map(UserId, changed.targets))
            await stores.users.pending_counts.enqueue(*changed.targets)
