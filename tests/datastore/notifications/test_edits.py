"""Notifications of edits whose jobs run late, twice, at once, and in another order: as if they had run one by one."""

import asyncio
import random

import pytest
from msgspec import structs

from core.ids import UserId
from datastore.jobs.jobs import Notify, PublishEdit
from datastore.notifications.reader import NotificationFilter
from datastore.stores import Stores
from datastore.tweets.edits import mention_notice
from tests.datastore.opened import new_tweet, new_users


async def told(stores: Stores, *people: UserId) -> list[int]:
    """The number of notifications of each."""
    pages = [
        await stores.notifications.reader.range(one, NotificationFilter.ALL, (None, 10), without=()) for one in people
    ]
    return [len(page) for page in pages]


@pytest.mark.parametrize("seed", range(4))
async def test_who_is_mentioned_at_the_end_has_one_notification(opened: Stores, seed: int) -> None:
    dice, (alice, *others) = random.Random(seed), await new_users(opened, "alice", "bob", "carol", "dave")
    before = await new_tweet(opened, alice)
    notices = list[Notify]()
    for number in range(5):
        mentioned = tuple(dice.sample(others, dice.randrange(4)))
        job = PublishEdit(opened.ids(), before.id, alice)
        after = structs.replace(before, text=f"{seed} {number}", mentioned=mentioned)
        assert await opened.tweets.edits.edit(job, before, after)
        notice = mention_notice(job, before, after)
        notices += [] if notice is None else [notice]
        before = structs.replace(after, edit_id=job.act_id)
        if dice.randrange(2):
            await asyncio.gather(*[opened.notifications.writer.apply([one]) for one in notices])
    dice.shuffle(notices)
    await asyncio.gather(*[opened.notifications.writer.apply([one]) for one in notices * 2])
    assert await told(opened, alice, *others) == [0, *[int(one in before.mentioned) for one in others]]
