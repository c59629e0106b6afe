"""What people did and saw while the cluster was broken: the facts that are judged."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from core.ids import TweetId


class WriteAttempt(NamedTuple):
    """One attempt to write."""

    began: float
    ended: float
    trouble: str | None


class Posted(NamedTuple):
    """A tweet that was acknowledged."""

    author: int
    text: str
    tweet_id: TweetId
    acknowledged: float


class Read(NamedTuple):
    """A page of a home timeline; without ids where there was trouble."""

    person: int
    began: float
    ended: float
    trouble: str | None
    ids: Sequence[TweetId]


class Received(NamedTuple):
    tweet_id: TweetId
    at: float


@dataclass(slots=True)
class Subscription:
    """What one person was sent live. `caught_up` are items of pages read after a TimelineReset; `ends` say why sockets
    or streams ended, and when.
    """

    person: int
    since: int = 0
    cursor: str = ""
    received: list[Received] = field(default_factory=list)
    caught_up: set[TweetId] = field(default_factory=set)
    connected: int = 0
    resets: int = 0
    ends: list[tuple[float, str]] = field(default_factory=list)
    is_live: bool = False


@dataclass(slots=True)
class History:
    """`follows` are those of the people who change whom they follow, as last acknowledged."""

    posts: list[Posted] = field(default_factory=list)
    deleted: dict[TweetId, float] = field(default_factory=dict)
    tries: list[WriteAttempt] = field(default_factory=list)
    reads: list[Read] = field(default_factory=list)
    subscriptions: list[Subscription] = field(default_factory=list)
    follows: dict[int, set[int]] = field(default_factory=dict)

    def reads_between(self, began: float, ended: float) -> list[Read]:
        """Those that came to an end then, also what was under way before."""
        return [read for read in self.reads if began <= read.ended <= ended]

    def tries_between(self, began: float, ended: float) -> list[WriteAttempt]:
        return [tried for tried in self.tries if began <= tried.ended <= ended]

    def standing(self, posts: Iterable[Posted]) -> list[Posted]:
        return [post for post in posts if post.tweet_id not in self.deleted]
