"""All stores of a process, opened together."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import NamedTuple

from redis.asyncio import Redis

from core.ids import SnowflakeMaker
from core.settings import Settings
from datastore.ads.campaigns import CampaignStore
from datastore.ads.impressions import ImpressionStore
from datastore.ads.interests import InterestStore
from datastore.counts.pending import PEOPLE, TWEETS, CountStore
from datastore.jobs.locks import Turns
from datastore.jobs.outbox import Outbox
from datastore.jobs.worker_ids import leased_ids
from datastore.limits.persisted_documents import DocumentStore
from datastore.limits.rates import RateStore
from datastore.mongo.client import Mongo, open_mongo
from datastore.mongo.edges import EdgeStore
from datastore.notifications.reader import NotificationStore
from datastore.notifications.writer import NoticeStore
from datastore.redis.client import open_redis
from datastore.redis.cluster.pipeline import open_any_line
from datastore.redis.node.circuit_breaker import Breaker
from datastore.redis.node.pipeline import Line
from datastore.timelines.audiences import AudienceStore
from datastore.timelines.candidates import CandidateStore
from datastore.timelines.dislikes import DislikeStore
from datastore.timelines.event_log import (
    EventLog,
    NotificationChange,
    NotificationTeller,
    TimelineChange,
    home_log,
    notification_log,
)
from datastore.timelines.home import TimelineStore
from datastore.timelines.post_log import PostLog
from datastore.timelines.ranking_snapshots import ReadingStore
from datastore.trends.hashtags import HashtagStore
from datastore.trends.store import TrendStore
from datastore.trends.tag_sketches import TagCrowdStore
from datastore.trends.tag_uses import TagUseStore
from datastore.tweets.likes import LikeStore
from datastore.tweets.retweets import RetweetStore
from datastore.tweets.search import SearchStore
from datastore.tweets.store import TweetStore
from datastore.tweets.threads import ThreadStore
from datastore.tweets.viewer_state import MarkStore
from datastore.users.blocks import BlockStore, MuteStore
from datastore.users.fanout_state import ReachStore
from datastore.users.follow_requests import RequestStore
from datastore.users.follows import FollowStore
from datastore.users.name_index import PeopleStore
from datastore.users.sessions import SessionStore
from datastore.users.store import UserStore
from datastore.users.viewpoints import ViewpointStore


@dataclass(frozen=True, slots=True)
class Stores:
    mongo: Mongo
    redis: Redis
    jobs: Redis
    line: Line
    ids: SnowflakeMaker
    users: UserStore
    people: PeopleStore
    reach: ReachStore
    sessions: SessionStore
    follows: FollowStore
    requests: RequestStore
    blocks: BlockStore
    mutes: MuteStore
    hashtags: HashtagStore
    tweets: TweetStore
    counts: CountStore
    people_counts: CountStore
    retweets: RetweetStore
    likes: LikeStore
    bookmarks: EdgeStore
    marks: MarkStore
    threads: ThreadStore
    outbox: Outbox
    viewpoints: ViewpointStore
    candidates: CandidateStore
    searches: SearchStore
    posts: PostLog
    timelines: TimelineStore
    audiences: AudienceStore
    dislikes: DislikeStore
    readings: ReadingStore
    campaigns: CampaignStore
    impressions: ImpressionStore
    interests: InterestStore
    notifications: NotificationStore
    notices: NoticeStore
    home_log: EventLog[TimelineChange]
    notification_log: EventLog[NotificationChange]
    teller: NotificationTeller
    rates: RateStore
    documents: DocumentStore
    turns: Turns
    tag_uses: TagUseStore
    tag_crowds: TagCrowdStore
    trends: TrendStore


class _Clients(NamedTuple):
    mongo: Mongo
    redis: Redis
    line: Line
    jobs: Redis


@asynccontextmanager
async def open_stores(settings: Settings) -> AsyncIterator[Stores]:
    """Needs both URLs; opens whether or not the stores answer at this moment."""
    if settings.mongo_url is None or settings.redis_url is None:
        raise SystemExit("Set ROOKERY_MONGO_URL and ROOKERY_REDIS_URL; only `make up` starts the stores itself.")
    breaker = Breaker()
    async with (
        open_mongo(settings.mongo_url, settings.mongo_driver) as mongo,
        open_redis(settings.redis_url, breaker) as redis,
        open_any_line(settings.redis_url, redis, breaker) as line,
        _open_jobs(settings, redis) as jobs,
        leased_ids(redis) as ids,
    ):
        yield _stores(_Clients(mongo, redis, line, jobs), ids, settings)


@asynccontextmanager
async def _open_jobs(settings: Settings, redis: Redis) -> AsyncIterator[Redis]:
    """Jobs may lie on a deployment that writes to disk what the one in memory does not."""
    if settings.jobs_url is None or settings.jobs_url == settings.redis_url:
        yield redis
        return
    async with open_redis(settings.jobs_url) as jobs:
        yield jobs


def _stores(clients: _Clients, ids: SnowflakeMaker, settings: Settings) -> Stores:
    mongo, redis, line, jobs = clients
    outbox = Outbox(mongo)
    counts = CountStore(mongo, redis, jobs, TWEETS)
    people_counts = CountStore(mongo, redis, jobs, PEOPLE)
    tweets = TweetStore(mongo, line, outbox, counts)
    follows = FollowStore(mongo, outbox, people_counts)
    requests = RequestStore(mongo, outbox, follows)
    impressions = ImpressionStore(mongo)
    users = UserStore(mongo, line, outbox)
    return Stores(
        mongo=mongo,
        redis=redis,
        jobs=jobs,
        line=line,
        ids=ids,
        users=users,
        people=PeopleStore(mongo),
        reach=ReachStore(mongo),
        sessions=SessionStore(mongo, redis, line),
        follows=follows,
        requests=requests,
        blocks=BlockStore(mongo, outbox, follows, requests),
        mutes=MuteStore(mongo, outbox),
        hashtags=HashtagStore(mongo, outbox),
        tweets=tweets,
        counts=counts,
        people_counts=people_counts,
        retweets=RetweetStore(mongo, line, outbox, tweets),
        likes=LikeStore(mongo, outbox, tweets),
        bookmarks=EdgeStore(mongo, "bookmarks"),
        marks=MarkStore(mongo, line),
        threads=ThreadStore(mongo),
        outbox=outbox,
        viewpoints=ViewpointStore(mongo, line),
        candidates=CandidateStore(mongo),
        searches=SearchStore(mongo),
        posts=PostLog(redis),
        timelines=TimelineStore(redis, line, settings.timeline_length),
        audiences=AudienceStore(redis, settings.fanout_limit),
        dislikes=DislikeStore(mongo),
        readings=ReadingStore(redis),
        campaigns=CampaignStore(mongo),
        impressions=impressions,
        interests=InterestStore(mongo, line, impressions),
        notifications=NotificationStore(mongo, outbox),
        notices=NoticeStore(mongo, ids),
        home_log=home_log(redis, line),
        notification_log=notification_log(redis, line),
        teller=NotificationTeller(redis),
        rates=RateStore(redis, line),
        documents=DocumentStore(redis),
        turns=Turns(redis),
        tag_uses=TagUseStore(mongo, users),
        tag_crowds=TagCrowdStore(mongo, redis),
        trends=TrendStore(redis),
    )
