"""Tests of the structure of a typed search: alternatives that OR, AND, minus and parentheses make of words."""

import pytest

from core.errors import BadInputError
from core.search.groups import MOST_ALTERNATIVES, MOST_TERMS, Token, alternatives_of
from core.search.query import Clause, Condition, Term


def words_of(token: Token) -> list[Condition]:
    """Each token stands for its text; `...` for a word in which there is nothing to look for."""
    return [] if token.text == "..." else [Term(token.text)]


def shown(typed: str) -> list[str]:
    """Each alternative with its words by spaces, and a minus before those that must not be there."""
    return [" ".join(map(said, one.clauses)) for one in alternatives_of(typed, words_of)]


def said(clause: Clause) -> str:
    assert isinstance(clause.condition, Term)
    return f"-{clause.condition.term}" if clause.is_negated else clause.condition.term


@pytest.mark.parametrize(
    ("typed", "alternatives"),
    [
        ("rook crow", ["rook crow"]),
        ("rook AND crow", ["rook crow"]),
        ("rook OR crow", ["rook", "crow"]),
        ("rook crow OR jay", ["rook crow", "jay"]),
        ("rook (crow OR jay)", ["rook crow", "rook jay"]),
        ("(rook OR crow) (jay OR pie)", ["rook jay", "rook pie", "crow jay", "crow pie"]),
        ("rook -crow", ["rook -crow"]),
        ("rook -(crow jay)", ["rook -crow", "rook -jay"]),
        ("rook -(crow OR jay)", ["rook -crow -jay"]),
        ("-(-rook)", ["rook"]),
        ("rook OR rook", ["rook"]),
        ("rook ... crow", ["rook crow"]),
        ('"two rooks" crow', ["two rooks crow"]),
        ("“two rooks” ‘old crow’", ["two rooks old crow"]),
        ("rook’s", ["rook’s"]),
        ("（rook OR crow）", ["rook", "crow"]),
        ("-OR", ["-OR"]),
        ("or and", ["or and"]),
        (":) rook", [":) rook"]),
        ("f(x) rook", ["f(x) rook"]),
    ],
    ids=range(20),
)
def test_search_is_the_alternatives_that_it_says(typed: str, alternatives: list[str]) -> None:
    assert shown(typed) == alternatives


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ("", "The search is empty: there is no word in it."),
        ("...", "The search is empty: there is no word in it."),
        ('rook "crow', "A quote in the search is not closed."),
        ("(rook", "A parenthesis in the search is not closed."),
        ("rook )", "A parenthesis in the search is closed that was not opened."),
        ("rook ( )", "There is no word in the parentheses."),
        ("rook OR", "OR needs something to look for on both sides."),
        ("OR rook", "OR needs something to look for on both sides."),
        ("AND rook", "AND needs something to look for on both sides."),
        ("rook AND", "AND needs something to look for on both sides."),
        ("rook - crow", 'A lone "-" negates nothing: put it right before what it negates, as in -crow.'),
        ("rook NOT crow", "There is no NOT: put a minus before what is not wanted, as in -crow."),
        (" ".join(["rook"] * (MOST_TERMS + 1)), f"A search has {MOST_TERMS} terms at most, this one {MOST_TERMS + 1}."),
        (
            "(a OR b) (c OR d) (e OR f) (g OR h) (i OR j)",
            f"A search has {MOST_ALTERNATIVES} alternatives at most, its parentheses make more.",
        ),
    ],
    ids=range(14),
)
def test_search_without_structure_is_refused(typed: str, message: str) -> None:
    with pytest.raises(BadInputError) as refusal:
        alternatives_of(typed, words_of)
    assert str(refusal.value) == message
