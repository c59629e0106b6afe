"""Retweets: undone ones share a transaction, and each leaves its retraction, count and token."""

import asyncio

from core.ids import TweetId
from datastore.jobs.jobs import FanOut, Job, Notify
from datastore.mongo.acts import UNDONE
from datastore.records.items import RetweetRecord
from datastore.stores import Stores
from datastore.tweets.retweets import retweet_notice, unretweet_notice
from tests.datastore.opened import new_tweet, new_users
from workers.counting import count


async def unfinished(stores: Stores) -> list[Job]:
    return [job for job in await stores.jobs.outbox.unfinished(-1_000, 100) if not isinstance(job, FanOut)]


async def test_undone_retweets_each_have_their_own_outcome_and_leave_what_was_done(opened: Stores) -> None:
    author, told, untold, nobody = await new_users(opened, "author", "told", "untold", "nobody")
    tweet, retweets = await new_tweet(opened, author), opened.tweets.retweets
    first, second = (RetweetRecord(TweetId(opened.ids()), one, tweet.id, author) for one in (told, untold))
    assert await retweets.insert(first)
    await count(opened, [tweet.id])
    await opened.notifications.writer.apply([retweet_notice(first)])
    assert await retweets.insert(second)
    acts = await asyncio.gather(*[retweets.delete(opened.ids(), one, tweet.id) for one in (told, untold, nobody, told)])
    undone = [act for act in acts if act is not None]
    assert sorted(act.item_id for act in undone) == [first.id, second.id]
    assert (acts[1], acts[2]) == (next(act for act in undone if act.author_id == untold), None)
    assert [await opened.jobs.outbox.deleted_item(act.act_id) for act in undone] == [
        {first.id: first, second.id: second}[act.item_id] for act in undone
    ]
    of_told = unretweet_notice(next(act for act in undone if act.author_id == told), tweet.id)
    assert [job for job in await unfinished(opened) if isinstance(job, Notify)] == [of_told]
    assert (await opened.tweets.counts.get_many([tweet.id]))[0].retweets == 0
    await count(opened, [tweet.id])
    assert (await opened.tweets.counts.get_many([tweet.id]))[0].retweets == 0
    assert [change.user_id for change in await opened.notifications.writer.apply([of_told])] == [author]
    await opened.jobs.outbox.finish_many(undone)
    assert await unfinished(opened) == []
    assert await opened.mongo.collection(UNDONE).count_documents({}) == 0
