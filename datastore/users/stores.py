"""Stores of accounts and of the relations between users."""

from dataclasses import dataclass
from typing import Any

from redis.asyncio import Redis

from core.ids import SnowflakeMaker, UserId
from datastore.auth.access_tokens import AccessTokenStore
from datastore.auth.sessions import SessionStore
from datastore.counts.increments import USER_COUNTERS
from datastore.counts.pending import CountStore
from datastore.graph.blocks import BlockStore, MuteStore
from datastore.graph.follow_requests import FollowRequestStore
from datastore.graph.follows import FollowStore
from datastore.graph.lists import ListStore
from datastore.graph.suggestions import SuggestionStore
from datastore.jobs.jobs import EndAccessTokens, EndSessions
from datastore.jobs.stores import JobStores
from datastore.mongo.client import Mongo
from datastore.redis.node.pipeline import CommandPipeline
from datastore.users.counts import UserCountStore
from datastore.users.fanout_state import FanoutStateStore
from datastore.users.muted_words import MutedWordStore
from datastore.users.name_index import NameIndex
from datastore.users.roles import RoleStore
from datastore.users.sign_ups import SignUpStore
from datastore.users.store import UserStore
from datastore.users.verified import VerifiedStore
from datastore.users.viewpoints import ViewpointStore


@dataclass(frozen=True, slots=True)
class UserStores:
    accounts: UserStore
    counts: UserCountStore
    pending_counts: CountStore
    name_index: NameIndex
    fanout_state: FanoutStateStore
    roles: RoleStore
    sessions: SessionStore
    sign_ups: SignUpStore
    verified: VerifiedStore
    access_tokens: AccessTokenStore
    follows: FollowStore
    follow_requests: FollowRequestStore
    lists: ListStore
    blocks: BlockStore
    mutes: MuteStore
    muted_words: MutedWordStore
    suggestions: SuggestionStore
    viewpoints: ViewpointStore

    async def end_access_within(self, session: Any, user_id: UserId) -> list[EndSessions | EndAccessTokens]:
        """Within the transaction that suspends the user: ends sessions, and tokens for that time. The jobs of both."""
        ended = await self.sessions.end_all_within(session, user_id)
        forgotten = await self.access_tokens.forget_all_within(session, user_id)
        return [job for job in (ended, forgotten) if job is not None]


def user_stores(
    mongo: Mongo, redis: Redis, *, pipeline: CommandPipeline, jobs: JobStores, ids: SnowflakeMaker
) -> UserStores:
    sessions = SessionStore(mongo, redis, pipeline, outbox=jobs.outbox, ids=ids)
    pending_counts = CountStore(mongo, redis, jobs.pipeline, USER_COUNTERS)
    follows = FollowStore(mongo, jobs.outbox, pending_counts)
    follow_requests = FollowRequestStore(mongo, jobs.outbox, follows)
    lists = ListStore(mongo, pipeline, jobs.outbox)
    accounts = UserStore(mongo, pipeline, outbox=jobs.outbox, sessions=sessions, ids=ids)
    return UserStores(
        accounts=accounts,
        counts=UserCountStore(mongo, pipeline),
        pending_counts=pending_counts,
        name_index=NameIndex(mongo),
        fanout_state=FanoutStateStore(mongo),
        roles=RoleStore(mongo),
        sign_ups=SignUpStore(mongo, jobs.outbox, accounts),
        verified=VerifiedStore(mongo),
        sessions=sessions,
        access_tokens=AccessTokenStore(mongo, redis, pipeline, outbox=jobs.outbox, ids=ids),
        follows=follows,
        follow_requests=follow_requests,
        lists=lists,
        blocks=BlockStore(mongo, jobs.outbox, follows, follow_requests, lists),
        mutes=MuteStore(mongo),
        muted_words=MutedWordStore(mongo, jobs.outbox),
        suggestions=SuggestionStore(mongo),
        viewpoints=ViewpointStore(mongo, pipeline),
    )
