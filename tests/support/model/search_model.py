"""Brute-force model of search: checks every tweet, independent of the program's own parsing.

Texts and queries are composed of pieces whose words, hashtags, mentions and links are known.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from hypothesis import strategies as st

FIRST_DAY = datetime(2024, 5, 1, tzinfo=UTC)
PEOPLE = ("alice", "bob", "carol")
NOBODY = "nobody"


class Piece(NamedTuple):
    """A piece of text and its meaning: words as they are compared, a hashtag, a mention, a link's host."""

    written: str
    words: tuple[str, ...] = ()
    tag: str | None = None
    mention: str | None = None
    host: str | None = None


WORDS = (
    *(Piece(written, ("rook",)) for written in ("rook", "Rooks", "ROOK'S")),
    *(Piece(written, ("run",)) for written in ("run", "running", "Runs,")),
    *(Piece(written, ("cafe",)) for written in ("café", "CAFE", "cafe\u0301", "ｃａｆé!")),
    *(Piece(written, ("the",)) for written in ("the", "THE")),
    Piece("שלום", ("שלום",)),
    Piece("مَرحبا", ("مرحبا",)),
    Piece("東京", ("東", "京")),
    Piece("京都に", ("京", "都", "に")),
    Piece("京", ("京",)),
    Piece("iPadを", ("ipad", "を")),
    Piece("straße", ("strass",)),
    Piece("STRASSE", ("strass",)),
)
MARKS = (Piece("👍🏽"), Piece("👩‍👩‍👧"), Piece("—"), Piece("..."))
TAGS = (Piece("#Rook", ("rook",), tag="rook"), Piece("＃café", ("cafe",), tag="cafe"))
MENTIONS = tuple(Piece(f"@{name.title()}", (name,), mention=name) for name in PEOPLE)
LINKS = (
    Piece("https://example.org/the", ("https", "exampl", "org", "the"), host="example.org"),
    Piece("www.rooks.com", ("www", "rook", "com"), host="rooks.com"),
)


@dataclass(frozen=True, slots=True)
class Posted:
    """A tweet; `at` is its index, 0 for the oldest. People are named by their handles."""

    at: int
    author: str
    pieces: tuple[Piece, ...]
    answered: str | None = None
    is_quote: bool = False
    likes: int = 0
    retweets: int = 0
    lang: str | None = None

    @property
    def text(self) -> str:
        return " ".join(piece.written for piece in self.pieces)

    @property
    def words(self) -> list[str]:
        return [word for piece in self.pieces for word in piece.words]

    @property
    def moment(self) -> datetime:
        return FIRST_DAY + timedelta(hours=7 * self.at)


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition of a query; `kind` names what is compared with `value`."""

    kind: str
    written: str
    value: Any = None
    is_negated: bool = False

    @property
    def typed(self) -> str:
        return ("-" if self.is_negated else "") + self.written


@dataclass(frozen=True, slots=True)
class World:
    """All tweets and relationships. `follows` and `blocks` are pairs of the acting and the other person."""

    tweets: tuple[Posted, ...]
    protected: frozenset[str] = frozenset()
    follows: frozenset[tuple[str, str]] = frozenset()
    blocks: frozenset[tuple[str, str]] = field(default=frozenset())

    def may_see(self, viewer: str, tweet: Posted) -> bool:
        author = tweet.author
        if author == viewer:
            return True
        if (author, viewer) in self.blocks or (viewer, author) in self.blocks:
            return False
        return author not in self.protected or (viewer, author) in self.follows

    def search(self, viewer: str, query: Sequence[Sequence[Condition]]) -> list[int]:
        """Indexes of the tweets found, newest first."""
        return [
            tweet.at
            for tweet in reversed(self.tweets)
            if self.fits(viewer, query, tweet) and self.may_see(viewer, tweet)
        ]

    def fits(self, viewer: str, query: Sequence[Sequence[Condition]], tweet: Posted) -> bool:
        return any(all(self._holds(viewer, asked, tweet) for asked in side) for side in query)

    def _holds(self, viewer: str, asked: Condition, tweet: Posted) -> bool:
        if asked.kind == "follows":
            return ((viewer, tweet.author) in self.follows) is not asked.is_negated
        return _IS_SO[asked.kind](tweet, asked.value) is not asked.is_negated


def typed(query: Sequence[Sequence[Condition]]) -> str:
    return " OR ".join(" ".join(asked.typed for asked in side) for side in query)


def _has(tweet: Posted, what: str, value: object) -> bool:
    return any(getattr(piece, what) == value for piece in tweet.pieces)


def _says(tweet: Posted, words: tuple[str, ...]) -> bool:
    return any(tuple(tweet.words[at : at + len(words)]) == words for at in range(len(tweet.words)))


_IS_SO: Mapping[str, Callable[[Posted, Any], bool]] = {
    "words": _says,
    "tag": lambda tweet, tag: _has(tweet, "tag", tag),
    "mention": lambda tweet, handle: _has(tweet, "mention", handle),
    "url": lambda tweet, host: _has(tweet, "host", host),
    "from": lambda tweet, handle: tweet.author == handle,
    "to": lambda tweet, handle: tweet.answered == handle,
    "since": lambda tweet, day: tweet.moment >= day,
    "until": lambda tweet, day: tweet.moment < day,
    "likes": lambda tweet, number: tweet.likes >= number,
    "retweets": lambda tweet, number: tweet.retweets >= number,
    "lang": lambda tweet, lang: tweet.lang == lang,
    "reply": lambda tweet, _: tweet.answered is not None,
    "quote": lambda tweet, _: tweet.is_quote,
    "links": lambda tweet, _: any(piece.host for piece in tweet.pieces),
    "mentions": lambda tweet, _: any(piece.mention for piece in tweet.pieces),
    "hashtags": lambda tweet, _: any(piece.tag for piece in tweet.pieces),
}


def _word(piece: Piece) -> Condition:
    return Condition("words", piece.written, piece.words)


def _phrase(pieces: Sequence[Piece]) -> Condition:
    return Condition(
        "words", f'"{" ".join(piece.written for piece in pieces)}"', tuple(w for piece in pieces for w in piece.words)
    )


def _day(kind: str, days: int) -> Condition:
    day = FIRST_DAY + timedelta(days=days)
    return Condition(kind, f"{kind}:{day:%Y-%m-%d}", day)


people = st.sampled_from(PEOPLE)
_named = st.sampled_from((*PEOPLE, NOBODY))
_pieces = st.lists(st.sampled_from((*WORDS, *WORDS, *MARKS, *TAGS, *MENTIONS, *LINKS)), min_size=1, max_size=7)
_kinds = st.tuples(
    people,
    _pieces.map(tuple),
    st.one_of(st.none(), people),
    st.booleans(),
    st.sampled_from((0, 0, 1, 3)),
    st.sampled_from((0, 0, 2)),
    st.sampled_from((None, "en", "ja")),
)
_pairs = st.tuples(people, people).filter(lambda pair: pair[0] != pair[1])
worlds = st.builds(
    World,
    st.lists(_kinds, max_size=14).map(lambda found: tuple(Posted(at, *kind) for at, kind in enumerate(found))),
    st.frozensets(people, max_size=1),
    st.frozensets(_pairs, max_size=3),
    st.frozensets(_pairs, max_size=1),
)
_terms = st.one_of(
    st.sampled_from(WORDS).map(_word),
    st.lists(st.sampled_from(WORDS), min_size=1, max_size=2).map(_phrase),
    st.sampled_from(TAGS).map(lambda piece: Condition("tag", piece.written, piece.tag)),
    _named.map(lambda name: Condition("mention", f"@{name.upper()}", name)),
    _named.map(lambda name: Condition("mention", f"mentions:{name}", name)),
    _named.map(lambda name: Condition("from", f"from:{name}", name)),
    _named.map(lambda name: Condition("to", f"to:@{name}", name)),
    st.sampled_from(LINKS).map(lambda piece: Condition("url", f"url:{piece.host}", piece.host)),
    st.integers(-1, 4).map(lambda days: _day("since", days)),
    st.integers(-1, 4).map(lambda days: _day("until", days)),
    st.sampled_from((0, 1, 3)).map(lambda number: Condition("likes", f"min_likes:{number}", number)),
    st.sampled_from((0, 2)).map(lambda number: Condition("retweets", f"min_retweets:{number}", number)),
    st.sampled_from(("en", "ja", "fr")).map(lambda lang: Condition("lang", f"lang:{lang.upper()}", lang)),
    st.sampled_from(("links", "mentions", "hashtags")).map(lambda trait: Condition(trait, f"has:{trait}")),
    st.sampled_from(("reply", "quote")).map(lambda trait: Condition(trait, f"is:{trait}")),
    st.just(Condition("follows", "filter:follows")),
)
_asked = st.tuples(_terms, st.booleans(), st.booleans()).map(
    lambda found: Condition(found[0].kind, found[0].written, found[0].value, found[1] and found[2])
)
queries = st.lists(st.lists(_asked, min_size=1, max_size=3), min_size=1, max_size=2)
"""Alternatives, each of terms."""
