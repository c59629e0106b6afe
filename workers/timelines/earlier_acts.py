"""Acts on the items of a person, done first by the job of a later change of that person.

Once readers were told of the change, it could not be determined any more who had an item that was deleted before.
"""

from core.ids import UserId
from datastore.jobs.jobs import ApplyDecision
from datastore.records.items import TweetRecord
from datastore.stores import Stores
from workers.timelines import fanout
from workers.timelines.removals import publish_removal


async def publish_earlier_acts(stores: Stores, person: UserId, act_id: int) -> None:
    """Publishes deletions, edits and removals before the act `act_id`. Their own jobs do it again, without harm."""
    for job in await stores.jobs.outbox.changes.about_items_of(person, act_id):
        if not isinstance(job, ApplyDecision):
            await fanout.handle(stores, job)
        elif job.tweet_id is not None:
            await stores.tweets.items.invalidate(job.tweet_id)  # what follows judges the tweet as it is now
            tweet = await stores.tweets.items.get(job.tweet_id)
            if isinstance(tweet, TweetRecord):
                await publish_removal(stores, job, tweet)
