"""Stores of tweets, edits, retweets, likes, bookmarks, threads and searches."""

from dataclasses import dataclass

from redis.asyncio import Redis

from datastore.counts.increments import TWEET_COUNTERS
from datastore.counts.pending import CountStore
from datastore.jobs.stores import JobStores
from datastore.mongo.client import Mongo
from datastore.mongo.edges import EdgeStore
from datastore.redis.node.pipeline import CommandPipeline
from datastore.tweets.author_lists import AuthorListStore
from datastore.tweets.counts import TweetCountStore
from datastore.tweets.edits import EditStore
from datastore.tweets.erasure import PersonEraser
from datastore.tweets.likes import LikeStore
from datastore.tweets.retweets import RetweetStore
from datastore.tweets.search import SearchStore
from datastore.tweets.store import TweetStore
from datastore.tweets.threads import ThreadStore
from datastore.tweets.viewer_state import ViewerStateStore


@dataclass(frozen=True, slots=True)
class TweetStores:
    items: TweetStore
    edits: EditStore
    author_lists: AuthorListStore
    counts: TweetCountStore
    pending_counts: CountStore
    retweets: RetweetStore
    likes: LikeStore
    bookmarks: EdgeStore
    viewer_state: ViewerStateStore
    threads: ThreadStore
    search: SearchStore
    eraser: PersonEraser


def tweet_stores(mongo: Mongo, redis: Redis, *, pipeline: CommandPipeline, jobs: JobStores) -> TweetStores:
    pending_counts = CountStore(mongo, redis, jobs.pipeline, TWEET_COUNTERS)
    counts = TweetCountStore(mongo, pipeline, pending_counts)
    lists = AuthorListStore(mongo, pipeline)
    items = TweetStore(mongo, pipeline, outbox=jobs.outbox, counts=counts, lists=lists)
    return TweetStores(
        items=items,
        edits=EditStore(mongo, jobs.outbox, items),
        author_lists=lists,
        counts=counts,
        pending_counts=pending_counts,
        retweets=RetweetStore(mongo, pipeline, outbox=jobs.outbox, items=items, counts=counts, lists=lists),
        likes=LikeStore(mongo, counts),
        bookmarks=EdgeStore(mongo, "bookmarks"),
        viewer_state=ViewerStateStore(mongo, pipeline),
        threads=ThreadStore(mongo),
        search=SearchStore(mongo),
        eraser=PersonEraser(mongo, items.rows),
    )
