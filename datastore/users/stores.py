"""Stores of accounts and of what connects people: follows, blocks, mutes, viewpoints."""

from dataclasses import dataclass

from redis.asyncio import Redis

from datastore.counts.pending import USER_COUNTERS, CountStore
from datastore.jobs.stores import JobStores
from datastore.mongo.client import Mongo
from datastore.redis.node.pipeline import CommandPipeline
from datastore.users.blocks import BlockStore, MuteStore
from datastore.users.fanout_state import ReachStore
from datastore.users.follow_requests import RequestStore
from datastore.users.follows import FollowStore
from datastore.users.name_index import PeopleStore
from datastore.users.sessions import SessionStore
from datastore.users.store import UserStore
from datastore.users.viewpoints import ViewpointStore


@dataclass(frozen=True, slots=True)
class UserStores:
    accounts: UserStore
    name_index: PeopleStore
    fanout_state: ReachStore
    sessions: SessionStore
    follows: FollowStore
    follow_requests: RequestStore
    blocks: BlockStore
    mutes: MuteStore
    viewpoints: ViewpointStore
    counts: CountStore


def user_stores(mongo: Mongo, redis: Redis, *, pipeline: CommandPipeline, jobs: JobStores) -> UserStores:
    counts = CountStore(mongo, redis, jobs.redis, USER_COUNTERS)
    follows = FollowStore(mongo, jobs.outbox, counts)
    follow_requests = RequestStore(mongo, jobs.outbox, follows)
    return UserStores(
        accounts=UserStore(mongo, pipeline, jobs.outbox),
        name_index=PeopleStore(mongo),
        fanout_state=ReachStore(mongo),
        sessions=SessionStore(mongo, redis, pipeline),
        follows=follows,
        follow_requests=follow_requests,
        blocks=BlockStore(mongo, jobs.outbox, follows, follow_requests),
        mutes=MuteStore(mongo, jobs.outbox),
        viewpoints=ViewpointStore(mongo, pipeline),
        counts=counts,
    )
