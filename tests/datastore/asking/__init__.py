"""All that the stores ask of MongoDB, store by store: each of their public methods is called, one after another."""

from collections.abc import Awaitable, Callable
from functools import partial

from tests.datastore.asking import people, tweets, work
from tests.datastore.asking.scene import Scene, set_up

__all__ = ["Ask", "Scene", "asks_of", "set_up"]

Ask = Callable[[], Awaitable[object]]
Asking = Callable[[Scene], Awaitable[None]]


def asks_of(scene: Scene, *, without: Asking | None = None) -> list[Ask]:
    """In this order: what there is comes to an end at last."""
    return [
        partial(ask, scene)
        for ask in (
            people.users,
            people.accounts,
            people.reach,
            people.names,
            people.sessions,
            people.follows,
            people.edges,
            people.requests,
            people.blocks_and_mutes,
            people.hashtags,
            people.dislikes,
            people.viewpoints,
            tweets.tweets,
            tweets.threads,
            tweets.retweets,
            tweets.candidates,
            tweets.searches,
            tweets.searches_at_large,
            tweets.hashtag_uses,
            work.outbox,
            work.likes,
            tweets.marks,
            tweets.counts,
            work.notifications,
            work.notices,
            work.advertisements,
            work.endings,
        )
        if ask is not without
    ]
