"""Search queries: when a condition holds, and what the index may use of it."""

from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.ids import MAX_ID, UserId
from core.search.query import (
    Alternative,
    AtLeast,
    ByFollowees,
    Clause,
    Condition,
    Measure,
    Person,
    Phrase,
    Posted,
    Query,
    Term,
)
from core.text.terms import TermRole, person_term

ALICE, BOB = UserId(1), UserId(2)


@dataclass(frozen=True)
class Tweet:
    id: int = 50
    author_id: UserId = ALICE
    tokens: list[str] = field(default_factory=lambda: ["rook", "nest", "rook"])
    terms: frozenset[str] = frozenset({"rook", "nest", "#rooks"})
    likes: int = 3
    retweets: int = 1
    engagement: int = 6


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        (Term("#rooks"), True),
        (Term("wren"), False),
        (Phrase(("rook", "nest")), True),
        (Phrase(("nest", "rook")), True),
        (Phrase(("rook", "rook")), False),
        (Posted(50, 51), True),
        (Posted(49, 50), False),
        (AtLeast(Measure.LIKES, 3), True),
        (AtLeast(Measure.LIKES, 4), False),
        (AtLeast(Measure.RETWEETS, 2), False),
        (AtLeast(Measure.ENGAGEMENT, 6), True),
        (ByFollowees(), True),
    ],
)
def test_condition_and_its_negation(condition: Condition, holds: bool) -> None:
    followees = frozenset({ALICE})
    assert condition.holds(Tweet(), followees) is holds
    assert Clause(condition).holds(Tweet(), followees) is holds
    assert Clause(condition, is_negated=True).holds(Tweet(), followees) is not holds


def test_tweets_of_others_are_not_by_followees() -> None:
    assert not ByFollowees().holds(Tweet(), frozenset({BOB}))


def test_person_holds_only_after_it_is_resolved_and_an_unknown_handle_matches_nothing() -> None:
    query = Query(
        (Alternative((Clause(Person(TermRole.AUTHOR, "alice")), Clause(Person(TermRole.AUTHOR, "bob"), True))),)
    )
    assert query.handles == ["alice", "bob"]
    with pytest.raises(TypeError):
        query.holds(Tweet(), frozenset())
    (alternative,) = query.resolved({"alice": ALICE}).alternatives
    assert alternative.required == (person_term(TermRole.AUTHOR, ALICE),)
    assert alternative.excluded == (person_term(TermRole.AUTHOR, 0),)
    assert query.resolved({"alice": ALICE}).handles == []


def test_query_holds_if_one_alternative_does() -> None:
    query = Query((Alternative((Clause(Term("wren")),)), Alternative((Clause(Term("nest")),))))
    assert query.holds(Tweet(), frozenset())
    assert not query.and_also(AtLeast(Measure.LIKES, 4)).holds(Tweet(), frozenset())
    assert query.and_also(AtLeast(Measure.LIKES, 3)).holds(Tweet(), frozenset())
    assert not query.is_personal
    assert query.and_also(ByFollowees()).is_personal


def test_spans_of_an_alternative_intersect_and_negated_ones_are_not_decided_by_the_span() -> None:
    inside = (Clause(Posted(10, MAX_ID)), Clause(Posted(0, 90)), Clause(Posted(20, 30), is_negated=True))
    alternative = Alternative((*inside, Clause(Term("rook")), Clause(ByFollowees())))
    assert alternative.posted == Posted(10, 90)
    assert alternative.beyond_terms == Alternative((inside[2], Clause(ByFollowees())))


def test_phrase_requires_its_words_and_pairs_of_scripts_without_spaces() -> None:
    alternative = Alternative((Clause(Phrase(("海", "鳥"))), Clause(Term("rook")), Clause(Term("nest"), True)))
    assert alternative.required == ("海", "鳥", "海鳥", "rook")
    assert alternative.excluded == ("nest",)


CONDITIONS = st.one_of(
    st.builds(Term, st.sampled_from(["rook", "nest", "#rooks", "wren"])),
    st.builds(Phrase, st.sampled_from([("rook", "nest"), ("nest", "wren"), ("rook",)])),
    st.builds(Posted, st.integers(40, 60), st.integers(40, 60)),
    st.builds(AtLeast, st.sampled_from(Measure), st.integers(0, 7)),
    st.just(ByFollowees()),
)


@given(st.lists(st.builds(Clause, CONDITIONS, st.booleans()), max_size=5), st.booleans())
def test_terms_span_and_the_remaining_clauses_together_decide(clauses: list[Clause], follows: bool) -> None:
    alternative, tweet, followees = Alternative(tuple(clauses)), Tweet(), frozenset({ALICE if follows else BOB})
    span = alternative.posted
    decided = (
        tweet.terms.issuperset(alternative.required)
        and tweet.terms.isdisjoint(alternative.excluded)
        and span.first <= tweet.id < span.end
        and alternative.beyond_terms.holds(tweet, followees)
    )
    assert alternative.holds(tweet, followees) is decided
