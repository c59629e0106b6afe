"""The language of searches: what is typed, read into conditions that either hold of a tweet or don't.

A query is alternatives, of which one must hold; an alternative is conditions, all of which must. `Query.holds` is what
a search means: the index only spares looking at tweets of which it could not hold.
"""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Protocol, TypeAlias

from core.ids import MAX_ID, UserId
from core.text.terms import Role, person_term, text_terms


class Searched(Protocol):
    """What conditions are about. `tokens` are those of the text, `terms` what the tweet is found by."""

    @property
    def id(self) -> int: ...
    @property
    def author_id(self) -> UserId: ...
    @property
    def tokens(self) -> list[str]: ...
    @property
    def terms(self) -> AbstractSet[str]: ...
    @property
    def likes(self) -> int: ...
    @property
    def retweets(self) -> int: ...
    @property
    def engagement(self) -> int: ...


Followees: TypeAlias = AbstractSet[UserId]


@dataclass(frozen=True, slots=True)
class Term:
    """A word, a hashtag, a mention, a link's host, a language, a trait, or somebody in a role."""

    term: str

    def holds(self, tweet: Searched, _: Followees) -> bool:
        return self.term in tweet.terms


@dataclass(frozen=True, slots=True)
class Phrase:
    """Tokens next to each other, in this order."""

    tokens: tuple[str, ...]

    def holds(self, tweet: Searched, _: Followees) -> bool:
        length, found = len(self.tokens), tuple(tweet.tokens)
        return any(found[at : at + length] == self.tokens for at in range(len(found) - length + 1))


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody by their handle key, before it is known who that is."""

    role: Role
    handle: str

    def holds(self, _: Searched, __: Followees) -> bool:
        raise TypeError(f"nobody has said who {self.handle} is")


@dataclass(frozen=True, slots=True)
class Posted:
    """Ids from `first` up to `end`, itself left out."""

    first: int
    end: int

    def holds(self, tweet: Searched, _: Followees) -> bool:
        return self.first <= tweet.id < self.end


class Measure(StrEnum):
    """What is counted of a tweet; engagement is all of it together."""

    LIKES = "likes"
    RETWEETS = "retweets"
    ENGAGEMENT = "engagement"


@dataclass(frozen=True, slots=True)
class AtLeast:
    measure: Measure
    number: int

    def holds(self, tweet: Searched, _: Followees) -> bool:
        counted = {
            Measure.LIKES: tweet.likes,
            Measure.RETWEETS: tweet.retweets,
            Measure.ENGAGEMENT: tweet.engagement,
        }
        return counted[self.measure] >= self.number


@dataclass(frozen=True, slots=True)
class ByFollowees:
    """Written by somebody whom the viewer follows."""

    def holds(self, tweet: Searched, followees: Followees) -> bool:
        return tweet.author_id in followees


Condition: TypeAlias = Term | Phrase | Person | Posted | AtLeast | ByFollowees


@dataclass(frozen=True, slots=True)
class Clause:
    """A condition, or that it does not hold."""

    condition: Condition
    is_negated: bool = False

    def holds(self, tweet: Searched, followees: Followees) -> bool:
        return self.condition.holds(tweet, followees) is not self.is_negated


@dataclass(frozen=True, slots=True)
class Alternative:
    clauses: tuple[Clause, ...]

    def holds(self, tweet: Searched, followees: Followees) -> bool:
        return all(clause.holds(tweet, followees) for clause in self.clauses)

    @property
    def required(self) -> tuple[str, ...]:
        """Terms that a tweet must have, each once."""
        found: list[str] = []
        for clause in self.clauses:
            if not clause.is_negated:
                found += _terms_of(clause.condition)
        return tuple(dict.fromkeys(found))

    @property
    def excluded(self) -> tuple[str, ...]:
        """Terms that it must not have."""
        conditions = [clause.condition for clause in self.clauses if clause.is_negated]
        return tuple(condition.term for condition in conditions if isinstance(condition, Term))

    @property
    def beyond_terms(self) -> "Alternative":
        """The clauses that `required`, `excluded` and `posted` do not settle."""
        return Alternative(tuple(clause for clause in self.clauses if not _is_settled(clause)))

    @property
    def posted(self) -> Posted:
        """Where all ids lie of which it can hold."""
        spans = [clause.condition for clause in self.clauses if not clause.is_negated]
        inside = [span for span in spans if isinstance(span, Posted)]
        return Posted(max([0, *(span.first for span in inside)]), min([MAX_ID, *(span.end for span in inside)]))


@dataclass(frozen=True, slots=True)
class Query:
    alternatives: tuple[Alternative, ...]

    def holds(self, tweet: Searched, followees: Followees) -> bool:
        """`followees` are those of the viewer."""
        return any(alternative.holds(tweet, followees) for alternative in self.alternatives)

    @property
    def handles(self) -> list[str]:
        """Handle keys of the people whom it names."""
        conditions = [clause.condition for one in self.alternatives for clause in one.clauses]
        return [condition.handle for condition in conditions if isinstance(condition, Person)]

    @property
    def is_personal(self) -> bool:
        """Whether it depends on whom the viewer follows."""
        return any(isinstance(clause.condition, ByFollowees) for one in self.alternatives for clause in one.clauses)

    def and_also(self, condition: Condition) -> "Query":
        """Where the condition holds, too."""
        return Query(tuple(Alternative((*one.clauses, Clause(condition))) for one in self.alternatives))

    def naming(self, people: Mapping[str, UserId]) -> "Query":
        """With people in place of handle keys; a handle of nobody names nobody."""
        return Query(
            tuple(
                Alternative(
                    tuple(replace(clause, condition=_named(clause.condition, people)) for clause in one.clauses)
                )
                for one in self.alternatives
            )
        )


def _is_settled(clause: Clause) -> bool:
    if isinstance(clause.condition, Posted):
        return not clause.is_negated
    return isinstance(clause.condition, Term)


def _named(condition: Condition, people: Mapping[str, UserId]) -> Condition:
    if isinstance(condition, Person):
        return Term(person_term(condition.role, people.get(condition.handle, 0)))
    return condition


def _terms_of(condition: Condition) -> list[str]:
    match condition:
        case Term(term):
            return [term]
        case Phrase(tokens):
            return text_terms(tokens)
        case _:
            return []
