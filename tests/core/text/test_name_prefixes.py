"""Prefixes for finding people while typing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import BadInputError
from core.text.name_prefixes import LONGEST_PREFIX, index_prefix, is_named, name_words, prefixes, typed_words

NAMES = st.text(st.sampled_from("abéß 海鳥ไท'_1"), max_size=12)


def test_words_of_a_person_are_handle_and_name_and_ends_of_words_without_spaces() -> None:
    assert name_words("Ada_Rook", "Ada Rook Ada") == ["ada_rook", "ada", "rook"]
    assert name_words("tern", "海鳥 b") == ["tern", "海鳥", "鳥", "b"]
    assert name_words("tern", "鳥Rook海") == ["tern", "鳥rook海", "rook海", "海"]


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("lukasz", "Łukasz"),
        ("duc", "Đức"),
        ("sorensen", "Søren Sørensen"),
        ("محمد", "مُحَمَّد"),
        ("thor", "Þór"),
        ("йод", "ЙОД"),
    ],
)
def test_people_are_found_by_plain_letters(typed: str, name: str) -> None:
    assert is_named(name_words("rook", name), typed_words(typed))


def test_prefixes_are_unique_and_of_bounded_length() -> None:
    assert prefixes(["ada", "add"]) == ["a", "ad", "ada", "add"]
    assert prefixes(["a" * 20]) == ["a" * length for length in range(1, LONGEST_PREFIX + 1)]
    assert index_prefix("a" * 20) == "a" * LONGEST_PREFIX
    assert index_prefix("ad") == "ad"


def test_each_typed_word_is_a_prefix_of_some_word() -> None:
    found = name_words("ada_rook", "Ada Rook")
    assert is_named(found, ["ro", "ad"])
    assert is_named(found, ["ada_"])
    assert not is_named(found, ["ro", "x"])
    assert not is_named(found, ["ook"])


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ("a" * 281, "A search has 280 characters at most, this one 281."),
        ("a\u0000", "There is a character in the search that no text may have."),
        (" !? ", "The search is empty: there is no word in it."),
        (" ".join(f"w{number}" for number in range(21)), "A search has 20 words at most, this one 21."),
    ],
)
def test_typed_text_without_words_or_with_too_much_is_refused(typed: str, message: str) -> None:
    with pytest.raises(BadInputError) as raised:
        typed_words(typed)
    assert raised.value.message == message


def test_typed_words_are_folded_and_unique() -> None:
    assert typed_words("Ádá  ADA rook") == ["ada", "rook"]


@given(NAMES, st.integers(0, 11), st.integers(1, 12))
def test_whoever_matches_a_typed_word_is_in_the_index_under_its_prefix(name: str, start: int, length: int) -> None:
    words = name_words("ada", name)
    indexed = set(prefixes(words))
    for word in words:
        typed = word[:length]
        assert is_named(words, [typed])
        assert index_prefix(typed) in indexed
    typed = name[start : start + length].casefold()
    if typed and is_named(words, [typed]):
        assert index_prefix(typed) in indexed
