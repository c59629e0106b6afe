"""Stores of tweets and retweets, and of what people do with them."""

from dataclasses import dataclass

from redis.asyncio import Redis

from datastore.counts.pending import TWEET_COUNTERS, CountStore
from datastore.jobs.stores import JobStores
from datastore.mongo.client import Mongo
from datastore.mongo.edges import EdgeStore
from datastore.redis.node.pipeline import CommandPipeline
from datastore.tweets.likes import LikeStore
from datastore.tweets.retweets import RetweetStore
from datastore.tweets.search import SearchStore
from datastore.tweets.store import TweetStore
from datastore.tweets.threads import ThreadStore
from datastore.tweets.viewer_state import MarkStore


@dataclass(frozen=True, slots=True)
class TweetStores:
    items: TweetStore
    retweets: RetweetStore
    likes: LikeStore
    bookmarks: EdgeStore
    viewer_state: MarkStore
    threads: ThreadStore
    search: SearchStore
    counts: CountStore


def tweet_stores(mongo: Mongo, redis: Redis, *, pipeline: CommandPipeline, jobs: JobStores) -> TweetStores:
    counts = CountStore(mongo, redis, jobs.redis, TWEET_COUNTERS)
    items = TweetStore(mongo, pipeline, jobs.outbox, counts)
    return TweetStores(
        items=items,
        retweets=RetweetStore(mongo, pipeline, jobs.outbox, items),
        likes=LikeStore(mongo, jobs.outbox, items),
        bookmarks=EdgeStore(mongo, "bookmarks"),
        viewer_state=MarkStore(mongo, pipeline),
        threads=ThreadStore(mongo),
        search=SearchStore(mongo),
        counts=counts,
    )
