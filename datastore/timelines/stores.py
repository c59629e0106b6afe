"""Stores of home timelines: lists, event logs, candidates, and data for the TOP order."""

from dataclasses import dataclass

from redis.asyncio import Redis

from core.settings import Settings
from datastore.mongo.client import Mongo
from datastore.redis.node.pipeline import CommandPipeline
from datastore.timelines.candidates import CandidateStore
from datastore.timelines.changes import TimelineChange
from datastore.timelines.dislikes import DislikeStore
from datastore.timelines.event_log import EventLog, home_log
from datastore.timelines.home import HomeTimelineStore
from datastore.timelines.list_audiences import LIST_MS, ListAudienceStore
from datastore.timelines.live_followers import LiveFollowerStore
from datastore.timelines.post_log import PostLog
from datastore.timelines.ranking_snapshots import RankingSnapshotStore
from datastore.timelines.read_positions import ReadPositionStore


@dataclass(frozen=True, slots=True)
class TimelineStores:
    home: HomeTimelineStore
    home_log: EventLog[TimelineChange]
    post_log: PostLog
    live_followers: LiveFollowerStore
    lists: HomeTimelineStore
    list_audiences: ListAudienceStore
    candidates: CandidateStore
    dislikes: DislikeStore
    ranking_snapshots: RankingSnapshotStore
    read_positions: ReadPositionStore


def timeline_stores(mongo: Mongo, redis: Redis, *, pipeline: CommandPipeline, settings: Settings) -> TimelineStores:
    return TimelineStores(
        home=HomeTimelineStore(redis, pipeline, settings.timeline_length),
        home_log=home_log(pipeline),
        post_log=PostLog(redis),
        live_followers=LiveFollowerStore(redis, settings.fanout_limit),
        lists=HomeTimelineStore(redis, pipeline, settings.timeline_length, ttl_ms=LIST_MS),
        list_audiences=ListAudienceStore(redis, pipeline),
        candidates=CandidateStore(mongo),
        dislikes=DislikeStore(mongo),
        ranking_snapshots=RankingSnapshotStore(redis),
        read_positions=ReadPositionStore(mongo),
    )
