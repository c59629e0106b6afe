"""Joins a follow graph and a file of tweets into one corpus of people, tweets and follows."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final, NamedTuple

from core.ids import EPOCH_MS
from core.text.text import handle_key
from datastore.admin.importer.sentiment140 import SourceTweet
from datastore.admin.importer.sources import GraphEdge

_MOMENT_MS: Final = 60_000


class SourcePerson(NamedTuple):
    """`joined_ms`: Unix milliseconds, a minute before the person's first tweet, or before the first of all tweets."""

    handle: str
    joined_ms: int


class SourceFollow(NamedTuple):
    """Handle keys."""

    follower: str
    followee: str


@dataclass(frozen=True, slots=True)
class Corpus:
    """No duplicates. `people` are keyed by handle key; `tweets` are sorted by date, at one instant as in the file."""

    people: dict[str, SourcePerson]
    tweets: list[SourceTweet]
    follows: list[SourceFollow]

    @classmethod
    def of(cls, tweets: Iterable[SourceTweet], edges: Iterable[GraphEdge], *, undirected: bool) -> "Corpus":
        """Node i of the graph is the i-th author, counted from 0; nodes past the last author are `user_<i>`.

        The same text of the same author at the same instant is one tweet.
        """
        written = list(dict.fromkeys(tweets))
        people = _authors(written)
        follows = list(dict.fromkeys(_follows(edges, list(people), both_ways=undirected)))
        readers = _without_tweets(follows, people)
        return cls(people | readers, sorted(written, key=lambda tweet: tweet.ms), follows)


def _authors(tweets: Iterable[SourceTweet]) -> dict[str, SourcePerson]:
    """Authors in the order of appearance, with the first spelling of their handle."""
    people: dict[str, SourcePerson] = {}
    for tweet in tweets:
        key, joined_ms = handle_key(tweet.handle), tweet.ms - _MOMENT_MS
        known = people.setdefault(key, SourcePerson(tweet.handle, joined_ms))
        if joined_ms < known.joined_ms:
            people[key] = known._replace(joined_ms=joined_ms)
    return people


def _follows(edges: Iterable[GraphEdge], authors: list[str], *, both_ways: bool) -> Iterator[SourceFollow]:
    def key(node: int) -> str:
        return authors[node] if node < len(authors) else f"user_{node}"

    for edge in edges:
        follow = SourceFollow(key(edge.follower), key(edge.followee))
        # An author may be called user_<i> by chance.
        if follow.follower != follow.followee:
            yield follow
            if both_ways:
                yield SourceFollow(follow.followee, follow.follower)


def _without_tweets(follows: Iterable[SourceFollow], authors: dict[str, SourcePerson]) -> dict[str, SourcePerson]:
    first_ms = min((person.joined_ms for person in authors.values()), default=EPOCH_MS + _MOMENT_MS)
    keys = dict.fromkeys(key for follow in follows for key in follow if key not in authors)
    return {key: SourcePerson(key, first_ms) for key in keys}
