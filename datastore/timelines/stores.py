"""Stores of home timelines: lists, event logs, and what lists are made and ranked from."""

from dataclasses import dataclass

from redis.asyncio import Redis

from core.settings import Settings
from datastore.mongo.client import Mongo
from datastore.redis.node.pipeline import CommandPipeline
from datastore.timelines.audiences import AudienceStore
from datastore.timelines.candidates import CandidateStore
from datastore.timelines.dislikes import DislikeStore
from datastore.timelines.event_log import EventLog, TimelineChange, home_log
from datastore.timelines.home import TimelineStore
from datastore.timelines.post_log import PostLog
from datastore.timelines.ranking_snapshots import ReadingStore
from datastore.timelines.read_positions import ReadPositionStore


@dataclass(frozen=True, slots=True)
class TimelineStores:
    home: TimelineStore
    home_log: EventLog[TimelineChange]
    post_log: PostLog
    audiences: AudienceStore
    candidates: CandidateStore
    dislikes: DislikeStore
    ranking_snapshots: ReadingStore
    read_positions: ReadPositionStore


def timeline_stores(mongo: Mongo, redis: Redis, *, pipeline: CommandPipeline, settings: Settings) -> TimelineStores:
    return TimelineStores(
        home=TimelineStore(redis, pipeline, settings.timeline_length),
        home_log=home_log(redis, pipeline),
        post_log=PostLog(redis),
        audiences=AudienceStore(redis, settings.fanout_limit),
        candidates=CandidateStore(mongo),
        dislikes=DislikeStore(mongo),
        ranking_snapshots=ReadingStore(redis),
        read_positions=ReadPositionStore(mongo),
    )
