"""Search queries: the meaning of each form, and the message of each refusal."""

import pytest

from core.errors import BadInputError
from core.ids import MAX_ID, first_id_of
from core.search.parser import read_query
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
    Term,
)
from core.text.terms import TermRole

DAY_MS = 1_704_067_200_000  # 2024-01-01


def clauses(typed: str) -> list[Clause]:
    (alternative,) = read_query(typed).alternatives
    return list(alternative.clauses)


def only(typed: str) -> Condition:
    (clause,) = clauses(typed)
    assert not clause.is_negated
    return clause.condition


@pytest.mark.parametrize(
    ("typed", "condition"),
    [
        ("Rooks", Term("rook")),
        ("CAFÉ", Term("cafe")),
        ('"dark Horses"', Phrase(("dark", "hors"))),
        ('"rook"', Term("rook")),
        ("#Café", Term("#cafe")),
        ("＃chess", Term("#chess")),
        ("@Alice", Term("@alice")),
        ("from:@Alice", Person(TermRole.AUTHOR, "alice")),
        ("FROM:alice", Person(TermRole.AUTHOR, "alice")),
        ("to:bob", Person(TermRole.ANSWERED, "bob")),
        ("mentions:bob", Person(TermRole.MENTIONED, "bob")),
        ("since:2024-01-01", Posted(first_id_of(DAY_MS), MAX_ID)),
        ("until:2024-01-01", Posted(0, first_id_of(DAY_MS))),
        ("since:0001-01-01", Posted(0, MAX_ID)),
        ("since:9999-12-31", Posted(MAX_ID, MAX_ID)),
        ("lang:EN-gb", Term("lang:en")),
        ("min_likes:5", AtLeast(Measure.LIKES, 5)),
        ("min_retweets:0", AtLeast(Measure.RETWEETS, 0)),
        ("has:links", Term("has:links")),
        ("is:Quote", Term("is:quote")),
        ("filter:follows", ByFollowees()),
        ("url:WWW.Example.org", Term("url:example.org")),
        ("東京", Phrase(("東", "京"))),
        ("猫", Term("猫")),
        ("12:30", None),
        ("or", Term("or")),
    ],
)
def test_one_condition(typed: str, condition: Condition | None) -> None:
    if condition is None:
        assert [clause.condition for clause in clauses(typed)] == [Term("12"), Term("30")]
    else:
        assert only(typed) == condition


def test_minus_negates_words_phrases_and_operators() -> None:
    found = clauses('-rooks -"dark horse" -from:bob -#chess -dark-horse')
    assert all(clause.is_negated for clause in found)
    assert [clause.condition for clause in found] == [
        Term("rook"),
        Phrase(("dark", "hors")),
        Person(TermRole.AUTHOR, "bob"),
        Term("#chess"),
        Phrase(("dark", "hors")),
    ]


def test_or_binds_weakest() -> None:
    query = read_query("dark horse OR rook -crow")
    assert query.alternatives == (
        Alternative((Clause(Term("dark")), Clause(Term("hors")))),
        Alternative((Clause(Term("rook")), Clause(Term("crow"), is_negated=True))),
    )


@pytest.mark.parametrize(
    "typed",
    [
        "“brave world”",
        "„brave world“",
        "«brave world»",
        "»brave world«",
        "‟brave world”",
        "＂brave world＂",
        '"brave world”',
        "‘brave world’",
        "‚brave world‘",
        "‹brave world›",
        "《brave world》",
        "「brave world」",
        "｢brave world｣",
    ],
)
def test_a_phrase_stands_in_any_quotes(typed: str) -> None:
    assert only(typed) == Phrase(("brave", "world"))
    assert clauses(f"-{typed}") == [Clause(Phrase(("brave", "world")), is_negated=True)]


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("‘don’t go’", [["don't", "go"]]),
        ("rock ’n’ roll", ["rock", "n", "roll"]),
        ("the rooks’ nest, the crows’ too", ["the", "rook", "nest", "the", "crow", "too"]),
        ("’tis so", ["tis", "so"]),
        ("“a ‘b c’ d”", [["a", "b", "c", "d"]]),
    ],
)
def test_single_quotes_are_apostrophes_unless_they_stand_around_something(typed: str, expected: list[object]) -> None:
    found = [getattr(clause.condition, "tokens", None) or clause.condition.term for clause in clauses(typed)]  # type: ignore[union-attr]
    assert [list(one) if isinstance(one, tuple) else one for one in found] == expected


@pytest.mark.parametrize("typed", ["–word", "—word", "−word", "‒word", "－word", "‑word", "﹣word", "⁻word", "➖word"])
def test_a_dash_is_no_minus(typed: str) -> None:
    assert only(typed) == Term("word")


def terms(typed: str) -> list[list[str]]:
    """The terms of each alternative, a minus before those that must not hold."""
    return [
        ["-" * clause.is_negated + getattr(clause.condition, "term", "?") for clause in one.clauses]
        for one in read_query(typed).alternatives
    ]


@pytest.mark.parametrize(
    ("typed", "alternatives"),
    [
        ("(dog OR cat) rare", [["dog", "rare"], ["cat", "rare"]]),
        ("rare (dog OR cat)", [["rare", "dog"], ["rare", "cat"]]),
        ("(dog OR cat)rare", [["dog", "rare"], ["cat", "rare"]]),
        ("(rook)", [["rook"]]),
        ("( rook  OR ( crow wren ) )", [["rook"], ["crow", "wren"]]),
        ("(a OR b) (c OR d)", [["a", "c"], ["a", "d"], ["b", "c"], ["b", "d"]]),
        ("a (b OR c) OR d", [["a", "b"], ["a", "c"], ["d"]]),
        ("-(dog OR cat) rare", [["-dog", "-cat", "rare"]]),
        ("-(dog cat)", [["-dog"], ["-cat"]]),
        ("-(dog -(cat OR #x))", [["-dog"], ["cat"], ["#x"]]),
        ("（犬 OR 猫） x", [["犬", "x"], ["猫", "x"]]),
        ("a OR (b AND (c OR d))", [["a"], ["b", "c"], ["b", "d"]]),
        ("(a)(b)", [["a", "b"]]),
        ("x AND y", [["x", "y"]]),
        ("x AND y OR z AND -w", [["x", "y"], ["z", "-w"]]),
        ("(x OR y) AND #z", [["x", "#z"], ["y", "#z"]]),
        ("x and y or z not", [["x", "and", "y", "or", "z", "not"]]),
        ("rook :) :( f(x) foo_(bar)", [["rook", "f", "x", "foo_", "bar"]]),
        ("(rook :)", [["rook"]]),
        ("(see foo(bar))", [["see", "foo", "bar"]]),
        ('"AND" x', [["and", "x"]]),
    ],
)
def test_groups_and_and(typed: str, alternatives: list[list[str]]) -> None:
    assert terms(typed) == alternatives


def test_20_alternatives_are_taken_and_no_more() -> None:
    two, five = "(a OR b)", "(c OR d OR e OR f OR g)"
    assert len(terms(f"{two} {two} {five}")) == 20
    with pytest.raises(BadInputError, match="20 alternatives"):
        read_query(f"{two} {five} (h OR i OR j)")
    with pytest.raises(BadInputError, match="20 alternatives"):
        read_query("-(" + " OR ".join(f"(a{n} b{n})" for n in range(5)) + ")")


def test_deep_parentheses_are_read() -> None:
    assert terms("(" * 139 + "ab" + ")" * 139) == [["ab"]]


def test_what_is_no_word_among_words_is_passed_over() -> None:
    assert clauses("rook !!! 🦅 -- , https://example.org") == [
        Clause(Term(term)) for term in ("rook", "https", "exampl", "org")
    ]


@pytest.mark.parametrize(
    ("typed", "named"),
    [
        ("", "empty"),
        (" \t ", "empty"),
        ("!!! 🦅", "empty"),
        ("a" * 281, "280 characters"),
        ("a " * 21, "20 terms"),
        ('rook "dark', "quote"),
        ('""', '""'),
        ("OR", "OR"),
        ("OR rook", "OR"),
        ("rook OR", "OR"),
        ("rook OR OR crow", "OR"),
        ("rook OR !", "OR"),
        ("x NOT y", "NOT"),
        ("NOT y", "NOT"),
        ("x AND NOT y", "NOT"),
        ("-", '"-"'),
        ("x - y", '"-"'),
        ("(x -) y", '"-"'),
        ("AND", "AND"),
        ("x AND", "AND"),
        ("AND x", "AND"),
        ("x AND AND y", "AND"),
        ("x AND !", "AND"),
        ("x AND OR y", "AND"),
        ("(x OR y", "parenthesis"),
        ("x OR y)", "parenthesis"),
        ("x )", "parenthesis"),
        ("((x) y", "parenthesis"),
        ("()", "parentheses"),
        ("x (!)", "parentheses"),
        ("x (OR y)", "OR"),
        ("“rook dark", "quote"),
        ("(" + "a " * 21 + ")", "20 terms"),
        ("near:london", "near:"),
        ("-near:london", "near:"),
        ("Note: rooks", "Note:"),
        ("since:yesterday", "since:"),
        ("since:2024-02-30", "since:"),
        ("until:20240101", "until:"),
        ("until:2024-01-01T00:00", "until:"),
        ("from:", "from:"),
        ("from:two-words", "from:"),
        ("to:@", "to:"),
        ("mentions:a_handle_too_long", "mentions:"),
        ("@", "@"),
        ("#1", "#1"),
        ("#", "#"),
        ("lang:english!", "lang:"),
        ("min_likes:many", "min_likes:"),
        ("min_likes:-1", "min_likes:"),
        ("min_retweets:1.5", "min_retweets:"),
        ("min_likes:1000000000", "min_likes:"),
        ("has:videos", "has:"),
        ("is:nice", "is:"),
        ("filter:links", "filter:"),
        ("url:nohost", "url:"),
        ("url:https://example.org", "url:"),
        ("rook\0", "character"),
        ("rook \ud800", "character"),
    ],
)
def test_what_makes_no_sense_is_refused_by_name(typed: str, named: str) -> None:
    with pytest.raises(BadInputError) as refused:
        read_query(typed)
    assert named in refused.value.message


def test_280_characters_and_20_terms_are_taken() -> None:
    assert only("a" * 280) == Term("a" * 280)
    assert len(clauses("a " * 20)) == 20
