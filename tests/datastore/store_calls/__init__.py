"""Calls of every public method of the stores that query MongoDB, for tests that check each query."""

from collections.abc import Awaitable, Callable
from functools import partial

from tests.datastore.store_calls import credentials, media, moderation, tweets, users, work
from tests.datastore.store_calls.scene import Scene, set_up

__all__ = ["Call", "Scene", "calls_of", "set_up"]

Call = Callable[[], Awaitable[object]]
Group = Callable[[Scene], Awaitable[None]]
GROUPS: tuple[Group, ...] = (
    users.profiles,
    users.accounts,
    users.roles,
    users.fanout_state,
    users.names,
    users.suggestions,
    users.sessions,
    users.access_tokens,
    users.push_subscriptions,
    users.lists,
    users.follows,
    users.edges,
    users.follow_requests,
    users.blocks_and_mutes,
    users.hashtags,
    users.dislikes,
    users.viewpoints,
    tweets.tweets,
    tweets.edits,
    tweets.threads,
    tweets.retweets,
    tweets.candidates,
    tweets.searches,
    tweets.searches_without_words,
    tweets.hashtag_uses,
    credentials.mails,
    work.pushes,
    credentials.mail_tokens,
    credentials.changes,
    credentials.devices,
    media.pictures,
    work.outbox,
    work.likes,
    tweets.viewer_state,
    tweets.counts,
    work.notifications,
    work.conversation_mutes,
    work.notification_writer,
    work.advertisements,
    moderation.reports,
    moderation.log,
    moderation.filters,
    moderation.decisions,
    moderation.standing,
    credentials.deletions,
    media.deletions,
    work.deletions,
)
"""In an order that deletes last."""


def calls_of(scene: Scene, *, without: Group | None = None) -> list[Call]:
    """One call for each group, in their order."""
    return [partial(group, scene) for group in GROUPS if group is not without]
