"""Decisions about tweets: what follows once their document says that one stands, or stands no more."""

from core.ids import TweetId
from datastore.jobs.jobs import ApplyDecision
from datastore.moderation.records import DecisionRecord
from datastore.stores import Stores


async def apply_to_tweet(stores: Stores, job: ApplyDecision, decision: DecisionRecord) -> None:  # noqa: ARG001 - a seam
    """`job.act_id` is that of the decision, or of its end. May run twice, and after a later decision."""
    await stores.tweets.items.invalidate(TweetId(decision.subject.id))
