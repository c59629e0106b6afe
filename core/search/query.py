"""Search queries as conditions on a tweet.

A query is a list of alternatives, one of which must hold; an alternative is a list of conditions, all of which must
hold. `Query.holds` defines what a search matches: the index only skips tweets for which it could not be true.
"""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Protocol, TypeAlias

from core.ids import MAX_ID, UserId
from core.text.terms import TermRole, person_term, text_terms


class Searched(Protocol):
    """The tweet that conditions test. `tokens` are those of its text, `terms` its index terms."""

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
    """A word, a hashtag, a mention, a link's host, a language, a trait, or a user in a role."""

    term: str

    def holds(self, tweet: Searched, _: Followees) -> bool:
        return self.term in tweet.terms


@dataclass(frozen=True, slots=True)
class Phrase:
    """Adjacent tokens, in this order."""

    tokens: tuple[str, ...]

    def holds(self, tweet: Searched, _: Followees) -> bool:
        length, found = len(self.tokens), tuple(tweet.tokens)
        return any(found[at : at + length] == self.tokens for at in range(len(found) - length + 1))


@dataclass(frozen=True, slots=True)
class Person:
    """A user by handle key, before it is resolved to an id."""

    role: TermRole
    handle: str

    def holds(self, _: Searched, __: Followees) -> bool:
        raise TypeError(f"the handle {self.handle} is not resolved")


@dataclass(frozen=True, slots=True)
class Posted:
    """Ids from `first` up to `end`, exclusive."""

    first: int
    end: int

    def holds(self, tweet: Searched, _: Followees) -> bool:
        return self.first <= tweet.id < self.end


class Measure(StrEnum):
    """Counts of a tweet; engagement is the sum of all."""

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
    """The author is followed by the viewer."""

    def holds(self, tweet: Searched, followees: Followees) -> bool:
        return tweet.author_id in followees


Condition: TypeAlias = Term | Phrase | Person | Posted | AtLeast | ByFollowees


@dataclass(frozen=True, slots=True)
class Clause:
    """A condition or its negation."""

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
        """Terms that a matching tweet has, without duplicates."""
        found: list[str] = []
        for clause in self.clauses:
            if not clause.is_negated:
                found += _terms_of(clause.condition)
        return tuple(dict.fromkeys(found))

    @property
    def excluded(self) -> tuple[str, ...]:
        """Terms that a matching tweet does not have."""
        conditions = [clause.condition for clause in self.clauses if clause.is_negated]
        return tuple(condition.term for condition in conditions if isinstance(condition, Term))

    @property
    def beyond_terms(self) -> "Alternative":
        """The clauses that `required`, `excluded` and `posted` do not decide."""
        return Alternative(tuple(clause for clause in self.clauses if not _is_settled(clause)))

    @property
    def posted(self) -> Posted:
        """The span of ids that can match."""
        spans = [clause.condition for clause in self.clauses if not clause.is_negated]
        inside = [span for span in spans if isinstance(span, Posted)]
        return Posted(max([0, *(span.first for span in inside)]), min([MAX_ID, *(span.end for span in inside)]))


@dataclass(frozen=True, slots=True)
class Query:
    alternatives: tuple[Alternative, ...]

    def holds(self, tweet: Searched, followees: Followees) -> bool:
        """`followees` are the viewer's."""
        return any(alternative.holds(tweet, followees) for alternative in self.alternatives)

    @property
    def handles(self) -> list[str]:
        """Handle keys of the users in the query."""
        conditions = [clause.condition for one in self.alternatives for clause in one.clauses]
        return [condition.handle for condition in conditions if isinstance(condition, Person)]

    @property
    def is_personal(self) -> bool:
        """Whether the result depends on the viewer's followees."""
        return any(isinstance(clause.condition, ByFollowees) for one in self.alternatives for clause in one.clauses)

    def and_also(self, condition: Condition) -> "Query":
        """This query with one more condition in every alternative."""
        return Query(tuple(Alternative((*one.clauses, Clause(condition))) for one in self.alternatives))

    def resolved(self, people: Mapping[str, UserId]) -> "Query":
        """This query with user ids in place of handle keys; an unknown handle matches no tweet."""
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
