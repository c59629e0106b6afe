"""Decisions about tweets: what follows once their document says that one stands, or stands no more."""

from core.ids import TweetId
from datastore.jobs.jobs import ApplyDecision
from datastore.moderation.records import DecisionRecord
from datastore.records.items import TweetRecord
from datastore.stores import Stores
from workers.timelines.removals import publish_removal


async def apply_to_tweet(stores: Stores, job: ApplyDecision, decision: DecisionRecord) -> None:
    """`job.act_id` is that of the decision, or of its end. May run twice, and after a later decision.

    Streams are told of all acts on the tweet in their order: what comes too late is done by then.
    """
    tweet_id = TweetId(decision.subject.id)
    await stores.tweets.items.invalidate(tweet_id)
    tweet = await stores.tweets.items.get(tweet_id)
    if not isinstance(tweet, TweetRecord):
        return
    await _recount(stores, tweet)
    for unfinished in await stores.jobs.outbox.changes.decisions_about(tweet_id):
        if unfinished.act_id <= job.act_id:
            await publish_removal(stores, unfinished, tweet)
        if unfinished.act_id < job.act_id:
            await stores.jobs.outbox.finish(unfinished)


async def _recount(stores: Stores, tweet: TweetRecord) -> None:
    """Adds or takes off the counts that the transaction of the decision left."""
    await stores.tweets.counts.enqueue(*[one for one in (tweet.reply_to, tweet.quoted_id) if one is not None])
    await stores.users.counts.invalidate(tweet.author_id)
    await stores.users.pending_counts.enqueue(tweet.author_id)
    await stores.trends.tag_sketches.miscounted(tweet.tags)
